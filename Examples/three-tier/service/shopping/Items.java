package shopping;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The list in the database. Each call has a connection of its own: there is none to be found dead when the database has
 * been away.
 */
final class Items {
    static final int MOST = 200;

    private final Settings settings;

    Items(Settings settings) {
        this.settings = settings;
    }

    private Connection connect() throws SQLException {
        return DriverManager.getConnection(settings.databaseURL(), settings.user(), settings.password());
    }

    /** Fails when the database does not answer. */
    void probe() throws SQLException {
        try (Connection connection = connect(); Statement statement = connection.createStatement()) {
            statement.execute("SELECT 1 FROM items LIMIT 1");
        }
    }

    List<Item> all() throws SQLException {
        try (Connection connection = connect();
                PreparedStatement statement = connection.prepareStatement("SELECT id, text FROM items ORDER BY id");
                ResultSet rows = statement.executeQuery()) {
            List<Item> items = new ArrayList<>();
            while (rows.next()) items.add(new Item(rows.getLong("id"), rows.getString("text")));
            return items;
        }
    }

    /** Adds an item; nothing when the list is full. */
    Optional<Item> add(String text) throws SQLException {
        String insertion = "INSERT INTO items (text) SELECT ? FROM DUAL WHERE (SELECT COUNT(*) FROM items) < ?";
        try (Connection connection = connect();
                PreparedStatement statement =
                    connection.prepareStatement(insertion, Statement.RETURN_GENERATED_KEYS)) {
            statement.setString(1, text);
            statement.setInt(2, MOST);
            if (statement.executeUpdate() == 0) return Optional.empty();
            try (ResultSet keys = statement.getGeneratedKeys()) {
                keys.next();
                return Optional.of(new Item(keys.getLong(1), text));
            }
        }
    }

    /** Whether there was such an item. */
    boolean remove(long id) throws SQLException {
        try (Connection connection = connect();
                PreparedStatement statement = connection.prepareStatement("DELETE FROM items WHERE id = ?")) {
            statement.setLong(1, id);
            return statement.executeUpdate() > 0;
        }
    }
}
