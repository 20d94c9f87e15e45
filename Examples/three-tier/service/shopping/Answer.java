package shopping;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.util.Map;

/** What is sent back: the body is null where the status has none. */
record Answer(int status, String type, byte[] body, Map<String, String> headers) {

    static final Answer NOTHING = new Answer(204, null, null, Map.of());

    static Answer json(int status, byte[] body) {
        return new Answer(status, "application/json", body, Map.of());
    }

    static Answer error(int status, String message) {
        return json(status, Json.error(message));
    }

    Answer with(String header, String value) {
        return new Answer(status, type, body, Map.of(header, value));
    }

    void send(HttpExchange exchange) throws IOException {
        var out = exchange.getResponseHeaders();
        out.set("X-Content-Type-Options", "nosniff");
        out.set("Cache-Control", "no-cache");
        headers.forEach(out::set);
        if (body == null) {
            exchange.sendResponseHeaders(status, -1);
            return;
        }
        out.set("Content-Type", type);
        if (exchange.getRequestMethod().equals("HEAD")) {
            out.set("Content-Length", Integer.toString(body.length));
            exchange.sendResponseHeaders(status, -1);
        } else {
            exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
            exchange.getResponseBody().write(body);
        }
    }
}
