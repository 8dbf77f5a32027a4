package dev.segue.shape;

import dev.segue.canonical.Entity;
import dev.segue.canonical.Field;
import dev.segue.canonical.JsonText;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** LangChain for Python: {@code {"type":"human","data":{"content":…}}}. */
final class NestedLangChain implements MessageShape {
  @Override
  public String name() {
    return "langchain";
  }

  @Override
  public Set<Field> fields() {
    return LangChainData.fields();
  }

  @Override
  public void read(Map<String, String> members, Entity.Builder message) {
    Map<String, String> data = JsonText.members(members.getOrDefault("data", "null"));
    LangChainData.read(
        ToolCall.text(members, "type"), Objects.requireNonNullElse(data, Map.of()), message);
  }

  @Override
  public String write(Entity message) {
    String type = JsonText.quote(LangChainData.type(message));
    Map<String, String> data = LangChainData.write(LangChainData.type(message), message);
    data.put("type", type);
    Map<String, String> members = new LinkedHashMap<>();
    members.put("type", type);
    members.put("data", JsonText.object(data));
    return JsonText.object(members);
  }
}
