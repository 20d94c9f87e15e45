package shopping;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import java.io.IOException;
import java.sql.SQLException;

/** Which request gets which answer. */
final class Routes implements HttpHandler {
    private static final String ITEMS = "/api/items";
    private static final String HEALTH = "/healthz";

    private final Items items;
    private final Page page;

    Routes(Items items, Page page) {
        this.items = items;
        this.page = page;
    }

    @Override
    public void handle(HttpExchange exchange) throws IOException {
        long start = System.nanoTime();
        try (exchange) {
            Answer answer = answer(exchange);
            answer.send(exchange);
            String path = exchange.getRequestURI().getRawPath();
            if (path.equals(HEALTH) && answer.status() == 200) return; // every other second
            System.out.printf("%s %s %d %d ms%n", exchange.getRequestMethod(), path, answer.status(),
                (System.nanoTime() - start) / 1_000_000);
        }
    }

    private Answer answer(HttpExchange exchange) throws IOException {
        try {
            return route(exchange);
        } catch (Refusal refusal) {
            return Answer.error(refusal.status, refusal.getMessage());
        } catch (SQLException error) {
            System.err.println("database: " + error.getMessage());
            return Answer.error(503, "The database is away. The list comes back by itself.");
        } catch (RuntimeException error) {
            error.printStackTrace();
            return Answer.error(500, "The service failed.");
        }
    }

    private Answer route(HttpExchange exchange) throws IOException, SQLException, Refusal {
        String path = exchange.getRequestURI().getPath();
        String method = exchange.getRequestMethod();
        if (path.equals(HEALTH)) return health();
        if (path.equals(ITEMS)) {
            return switch (method) {
                case "GET" -> Answer.json(200, Json.items(items.all()));
                case "POST" -> add(ItemText.from(exchange));
                default -> notAllowed("GET, POST");
            };
        }
        if (path.startsWith(ITEMS + "/")) {
            if (!method.equals("DELETE")) return notAllowed("DELETE");
            if (!items.remove(identifier(path.substring(ITEMS.length() + 1)))) throw notFound();
            return Answer.NOTHING;
        }
        Answer file = page.file(path);
        if (file == null) throw notFound();
        return method.equals("GET") || method.equals("HEAD") ? file : notAllowed("GET, HEAD");
    }

    private Answer health() {
        try {
            items.probe();
            return Answer.json(200, Json.health("up"));
        } catch (SQLException error) {
            return Answer.json(503, Json.health("away"));
        }
    }

    private Answer add(String text) throws SQLException, Refusal {
        Item item = items.add(text).orElseThrow(() -> new Refusal(409, "The list is full: " + Items.MOST + " items."));
        return Answer.json(201, Json.item(item)).with("Location", ITEMS + "/" + item.id());
    }

    private static long identifier(String text) throws Refusal {
        if (!text.matches("[0-9]{1,18}")) throw notFound();
        return Long.parseLong(text);
    }

    private static Refusal notFound() {
        return new Refusal(404, "There is nothing here.");
    }

    private static Answer notAllowed(String allowed) {
        return Answer.error(405, "Only " + allowed + " can be done here.").with("Allow", allowed);
    }
}
