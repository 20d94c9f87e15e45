package shopping;

import java.nio.file.Path;
import java.util.Map;

/** What the service is told by its environment. {@code page} is null where another server has the page. */
record Settings(int port, String databaseURL, String user, String password, Path page) {

    static Settings from(Map<String, String> environment) {
        String host = environment.getOrDefault("DATABASE_HOST", "localhost");
        String port = environment.getOrDefault("DATABASE_PORT", "3306");
        String page = environment.get("PAGE");
        return new Settings(
            Integer.parseInt(environment.getOrDefault("PORT", "8081")),
            // A database that is away must be noticed before the reader gives up.
            "jdbc:mariadb://" + host + ":" + port + "/shopping?connectTimeout=2000&socketTimeout=5000",
            environment.getOrDefault("DATABASE_USER", "shopping"),
            environment.getOrDefault("DATABASE_PASSWORD", ""),
            page == null ? null : Path.of(page));
    }
}
