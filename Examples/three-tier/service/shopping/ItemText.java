package shopping;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** The text of a new item, read from a request that is not trusted. */
final class ItemText {
    private static final int MOST_BYTES = 4096;
    private static final int MOST_CHARACTERS = 200;

    private ItemText() {}

    static String from(HttpExchange exchange) throws IOException, Refusal {
        String type = exchange.getRequestHeaders().getFirst("Content-Type");
        if (type == null || !type.split(";")[0].strip().toLowerCase(Locale.ROOT).equals("application/json")) {
            throw new Refusal(415, "The body must be application/json.");
        }
        byte[] body = exchange.getRequestBody().readNBytes(MOST_BYTES + 1);
        if (body.length > MOST_BYTES) throw new Refusal(413, "The body is larger than " + MOST_BYTES + " bytes.");
        try {
            // A fresh decoder reports bytes that are not UTF-8; String's constructor would replace them.
            String json = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(body)).toString();
            return checked(Json.itemText(json).strip());
        } catch (CharacterCodingException error) {
            throw new Refusal(400, "The body is not UTF-8.");
        } catch (JsonProcessingException error) {
            throw new Refusal(400, "The body is not JSON.");
        }
    }

    private static String checked(String text) throws Refusal {
        if (text.isEmpty()) throw new Refusal(400, "The text is empty.");
        if (text.codePointCount(0, text.length()) > MOST_CHARACTERS) {
            throw new Refusal(400, "The text is longer than " + MOST_CHARACTERS + " characters.");
        }
        if (text.chars().anyMatch(Character::isISOControl)) {
            throw new Refusal(400, "The text has control characters.");
        }
        // JSON can escape half of a surrogate pair, which is no character.
        if (!StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
            throw new Refusal(400, "The text has half a character.");
        }
        return text;
    }
}
