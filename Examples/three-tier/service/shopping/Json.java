package shopping;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;

/** The JSON texts that the service reads and writes. */
final class Json {
    private static final JsonFactory FACTORY =
        JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

    private Json() {}

    /** Reads {@code {"text": "…"}}, and nothing else. */
    static String itemText(String json) throws IOException, Refusal {
        try (JsonParser parser = FACTORY.createParser(json)) {
            boolean fits = parser.nextToken() == JsonToken.START_OBJECT && "text".equals(parser.nextFieldName())
                && parser.nextToken() == JsonToken.VALUE_STRING;
            String text = fits ? parser.getText() : null;
            if (!fits || parser.nextToken() != JsonToken.END_OBJECT || parser.nextToken() != null) {
                throw new Refusal(400, "The body must be {\"text\": \"…\"}.");
            }
            return text;
        }
    }

    static byte[] items(List<Item> items) {
        return write(json -> {
            json.writeStartObject();
            json.writeArrayFieldStart("items");
            for (Item item : items) write(item, json);
            json.writeEndArray();
            json.writeEndObject();
        });
    }

    static byte[] item(Item item) {
        return write(json -> write(item, json));
    }

    static byte[] error(String message) {
        return pair("error", message);
    }

    static byte[] health(String database) {
        return pair("database", database);
    }

    private static byte[] pair(String name, String value) {
        return write(json -> {
            json.writeStartObject();
            json.writeStringField(name, value);
            json.writeEndObject();
        });
    }

    private static void write(Item item, JsonGenerator json) throws IOException {
        json.writeStartObject();
        json.writeNumberField("id", item.id());
        json.writeStringField("text", item.text());
        json.writeEndObject();
    }

    private interface Content {
        void write(JsonGenerator json) throws IOException;
    }

    private static byte[] write(Content content) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (JsonGenerator json = FACTORY.createGenerator(bytes)) {
            content.write(json);
        } catch (IOException error) {
            throw new UncheckedIOException(error); // memory does not fail
        }
        return bytes.toByteArray();
    }
}
