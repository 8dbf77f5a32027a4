package dev.segue.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.segue.cutover.MendOrder;
import dev.segue.status.StatusJson;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Sessions that are parked, because something of them could not be applied. */
@Command(
    name = "dead-letters",
    description =
        "Shows and mends sessions of which something could not be applied. Needs segue run.",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      DeadLettersCommand.ListThem.class,
      DeadLettersCommand.Show.class,
      DeadLettersCommand.Retry.class,
      DeadLettersCommand.Discard.class
    })
final class DeadLettersCommand implements Runnable {
  private static final ObjectMapper JSON = StatusJson.mapper();

  @CommandLine.Spec private CommandLine.Model.CommandSpec spec;

  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }

  private static final String SESSION = "The session's id; '' for rows that belong to no session.";

  /** All parked sessions. */
  @Command(
      name = "list",
      description = "The sessions that are parked, and why.",
      mixinStandardHelpOptions = true)
  static final class ListThem implements Callable<Integer> {
    @Mixin private ConfigOption config;

    @Option(names = "--json", description = "Print one JSON document.")
    private boolean json;

    @CommandLine.Spec private CommandLine.Model.CommandSpec spec;

    @Override
    public Integer call() throws IOException, InterruptedException {
      Logging.quiet();
      JsonNode parked =
          JSON.readTree(RunningProcess.require(config.read()).get("/v1/dead-letters").orElse("[]"));
      PrintWriter out = spec.commandLine().getOut();
      if (json) {
        out.println(JSON.writeValueAsString(parked));
      } else {
        out.println(
            parked.size() + (parked.size() == 1 ? " session is" : " sessions are") + " parked");
        for (JsonNode session : parked) {
          out.println(
              "  "
                  + SessionName.of(session.path("session_id").asText())
                  + ": "
                  + session.path("reason").asText()
                  + ", "
                  + session.path("records").asText()
                  + " records");
          if (!session.path("discarded").asText().isEmpty()) {
            out.println("    left behind: " + session.path("discarded").asText());
          }
        }
        if (!parked.isEmpty()) {
          out.println(
              "next: segue dead-letters show SESSION; after a fix: segue dead-letters retry");
        }
      }
      out.flush();
      return 0;
    }
  }

  /** What is kept of one session. */
  @Command(
      name = "show",
      description = "What is kept of a session, oldest first.",
      mixinStandardHelpOptions = true)
  static final class Show implements Callable<Integer> {
    @Mixin private ConfigOption config;

    @Parameters(paramLabel = "SESSION", description = SESSION)
    private String session;

    @Option(
        names = "--show-values",
        description = "Tell what the letters say. It is what people said: mind who reads it.")
    private boolean values;

    @Option(names = "--json", description = "Print one JSON document.")
    private boolean json;

    @CommandLine.Spec private CommandLine.Model.CommandSpec spec;

    @Override
    public Integer call() throws IOException, InterruptedException {
      Logging.quiet();
      String path =
          "/v1/dead-letters?session="
              + URLEncoder.encode(session, StandardCharsets.UTF_8)
              + (values ? "&values=true" : "");
      JsonNode letters =
          JSON.readTree(RunningProcess.require(config.read()).get(path).orElse("[]"));
      PrintWriter out = spec.commandLine().getOut();
      if (json) {
        out.println(JSON.writeValueAsString(letters));
      } else {
        out.println(letters.size() + " dead letters of session " + SessionName.of(session));
        for (JsonNode letter : letters) {
          out.println(
              "  "
                  + letter.path("origin").asText()
                  + " ("
                  + letter.path("stage").asText()
                  + "): "
                  + letter.path("reason").asText());
          if (letter.hasNonNull("value")) {
            out.println("    " + letter.path("value").asText());
          }
        }
      }
      out.flush();
      return 0;
    }
  }

  /** Another try. */
  @Command(
      name = "retry",
      description =
          "Reads parked sessions anew from the side that owns them, writes them as a whole, and lets"
              + " their changes flow again.",
      mixinStandardHelpOptions = true)
  static final class Retry implements Callable<Integer> {
    @Mixin private ConfigOption config;

    @Parameters(
        arity = "0..*",
        paramLabel = "SESSION",
        description = "The sessions; all that are parked if none is named.")
    private List<String> sessions = List.of();

    @Option(names = "--json", description = "Print the report as one JSON document.")
    private boolean json;

    @CommandLine.Spec private CommandLine.Model.CommandSpec spec;

    @Override
    public Integer call() throws IOException, InterruptedException {
      Logging.quiet();
      boolean all = sessions.isEmpty();
      PrintWriter err = spec.commandLine().getErr();
      JsonNode report =
          RunningProcess.require(config.read())
              .perform(
                  "/v1/repairs",
                  new MendOrder(
                      all ? null : sessions,
                      all ? true : null,
                      null,
                      System.getProperty("user.name")),
                  err::println);
      err.flush();
      return MendText.print(report, json, spec.commandLine().getOut());
    }
  }

  /** Leaves a session behind. */
  @Command(
      name = "discard",
      description =
          "Leaves a parked session behind on purpose: it stays parked, and does not keep the"
              + " migration from its end. Who and why stands in the journal.",
      mixinStandardHelpOptions = true)
  static final class Discard implements Callable<Integer> {
    @Mixin private ConfigOption config;

    @Parameters(paramLabel = "SESSION", description = SESSION)
    private String session;

    @Option(names = "--reason", required = true, paramLabel = "TEXT", description = "Why.")
    private String reason;

    @CommandLine.Spec private CommandLine.Model.CommandSpec spec;

    @Override
    public Integer call() throws IOException, InterruptedException {
      Logging.quiet();
      RunningProcess.require(config.read())
          .post(
              "/v1/discards",
              Map.of(
                  "session",
                  session,
                  "reason",
                  reason,
                  "requested_by",
                  System.getProperty("user.name")));
      spec.commandLine()
          .getOut()
          .println("Session " + SessionName.of(session) + " is left behind: " + reason);
      spec.commandLine().getOut().flush();
      return 0;
    }
  }
}
