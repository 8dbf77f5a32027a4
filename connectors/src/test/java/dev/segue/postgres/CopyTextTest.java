package dev.segue.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class CopyTextTest {
  @Property
  void rowReadsBack(@ForAll("rows") List<String> row) {
    CopyRows rows = new CopyTextRows();
    rows.add(row.toArray(String[]::new));
    String[] read = new String[row.size()];

    assertThat(rows.size()).isEqualTo(1);
    CopyText.split(rows.bytes.take(), read);

    assertThat(read).containsExactlyElementsOf(row);
  }

  @Provide
  Arbitrary<List<String>> rows() {
    Arbitrary<String> value =
        Arbitraries.oneOf(
            Arbitraries.of("", "\\N", "\\", "\t", "\n", "\r\n", "a\\tb", "\\.", "日本\uD83D\uDE00"),
            Arbitraries.strings().withCharRange('\u0001', '\u02ff').ofMaxLength(20));
    return value.injectNull(0.2).list().ofMinSize(1).ofMaxSize(6);
  }
}
