package dev.segue.openclaw;

import dev.segue.canonical.JsonText;
import dev.segue.canonical.MalformedRecordException;
import java.nio.file.InvalidPathException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What a store says of its sessions, by their ids. */
final class StoreIndex {
  /** No transcript has this name. */
  private static final String NONE = ".none" + StoreFiles.TRANSCRIPT;

  private final SessionStore store;
  private final Map<String, List<String>> keys = new LinkedHashMap<>();
  private final Map<String, String> transcripts = new LinkedHashMap<>();
  private final Map<String, String> about = new LinkedHashMap<>();
  private final Map<String, String> wrong = new HashMap<>();

  StoreIndex(SessionStore store) {
    this.store = store;
    store
        .sessions()
        .forEach(
            (key, id) -> {
              // No file and no row can have a name with that, so it is nobody's.
              if (id.indexOf('\0') < 0) {
                add(key, id);
                transcripts.put(id, transcript(key, id));
              }
            });
    store
        .nameless()
        .forEach(
            (key, spelt) -> {
              add(key, spelt);
              transcripts.putIfAbsent(spelt, NONE);
              wrong.put(spelt, "its id holds half of a surrogate pair, which is no text");
            });
  }

  private void add(String key, String id) {
    keys.computeIfAbsent(id, unused -> new ArrayList<>()).add(key);
    about.merge(id, key + "\n" + store.entry(key), (one, more) -> one + "\n" + more);
    try {
      JsonText.wholeCharacters(key);
    } catch (MalformedRecordException e) {
      wrong.put(id, "one of its keys " + e.getMessage());
    }
  }

  /** Only its name counts, for the directory may have been moved; and only if it is one. */
  private String transcript(String key, String id) {
    try {
      String name = String.valueOf(store.transcriptOf(key).getFileName());
      return name.endsWith(StoreFiles.TRANSCRIPT) ? name : NONE;
    } catch (InvalidPathException e) {
      return NONE;
    } catch (MalformedRecordException e) {
      wrong.put(id, "its file's name " + e.getMessage());
      return NONE;
    }
  }

  /** Why what is said of a session cannot be used, whatever its transcript says. */
  Optional<String> wrong(String session) {
    return Optional.ofNullable(wrong.get(session)).map(reason -> SessionStore.FILE + ": " + reason);
  }

  /** The file names of the transcripts, by session. */
  Map<String, String> transcripts() {
    return transcripts;
  }

  /** The keys that mean a session. */
  List<String> keys(String session) {
    return keys.getOrDefault(session, List.of());
  }

  /** All that is said of a session, as one text. */
  String about(String session) {
    return about.getOrDefault(session, "");
  }

  /** The entries of a session by their keys, as they are spelt. */
  Map<String, String> entries(String session) {
    Map<String, String> entries = new LinkedHashMap<>();
    keys(session).forEach(key -> entries.put(key, store.entry(key)));
    return entries;
  }
}
