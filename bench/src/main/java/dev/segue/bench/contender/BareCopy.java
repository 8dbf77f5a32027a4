package dev.segue.bench.contender;

import dev.segue.bench.server.Database;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;
import org.postgresql.copy.CopyOut;

/**
 * COPY out of the one piped into COPY of the other, two at a time, with neither triggers nor
 * foreign keys: the pace that the two servers allow. Nobody would move a live product so, for it
 * follows nothing, and after a fault it begins anew. It runs in this process, so no JVM is started
 * for it.
 */
public final class BareCopy implements Copier {
  private static final int PIPES = 2;

  @Override
  public String name() {
    return "bare COPY";
  }

  @Override
  public AutoCloseable copy(Database source, Database target) throws Exception {
    long half = Long.parseLong(source.ask("SELECT pg_relation_size('messages') / 8192 / 2"));
    String cut = "'(" + half + ",0)'";
    List<Callable<Void>> pipes =
        List.of(
            () -> pipe(source, target, "messages", "ctid < " + cut),
            () -> pipe(source, target, "messages", "ctid >= " + cut),
            () -> pipe(source, target, "sessions", "true"));
    ExecutorService threads = Executors.newFixedThreadPool(PIPES);
    try {
      List<Future<Void>> ends = new ArrayList<>();
      pipes.forEach(pipe -> ends.add(threads.submit(pipe)));
      for (Future<Void> end : ends) {
        end.get();
      }
    } finally {
      threads.shutdownNow();
    }
    return () -> {};
  }

  private static Void pipe(Database source, Database target, String table, String range)
      throws SQLException, IOException {
    try (Connection from = source.open();
        Connection to = target.open();
        Statement role = to.createStatement()) {
      role.execute("SET session_replication_role = replica");
      String select = "COPY (SELECT * FROM " + table + " WHERE " + range + ") TO STDOUT";
      CopyOut out = from.unwrap(PGConnection.class).getCopyAPI().copyOut(select);
      CopyIn in =
          to.unwrap(PGConnection.class).getCopyAPI().copyIn("COPY " + table + " FROM STDIN");
      for (byte[] rows = out.readFromCopy(); rows != null; rows = out.readFromCopy()) {
        in.writeToCopy(rows, 0, rows.length);
      }
      in.endCopy();
    }
    return null;
  }
}
