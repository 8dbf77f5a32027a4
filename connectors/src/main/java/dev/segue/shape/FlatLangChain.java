package dev.segue.shape;

import dev.segue.canonical.Entity;
import dev.segue.canonical.Field;
import dev.segue.canonical.JsonText;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** LangChain for JavaScript, and n8n: {@code {"type":"human","content":…}}. */
final class FlatLangChain implements MessageShape {
  @Override
  public String name() {
    return "langchain-flat";
  }

  @Override
  public Set<Field> fields() {
    return LangChainData.fields();
  }

  @Override
  public void read(Map<String, String> members, Entity.Builder message) {
    LangChainData.read(ToolCall.text(members, "type"), members, message);
  }

  @Override
  public String write(Entity message) {
    String type = LangChainData.type(message);
    Map<String, String> members = new LinkedHashMap<>();
    members.put("type", JsonText.quote(type));
    members.putAll(LangChainData.write(type, message));
    return JsonText.object(members);
  }
}
