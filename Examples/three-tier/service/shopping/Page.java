package shopping;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** The page's files, read once: a path that is not among them leads nowhere. */
final class Page {
    private static final Map<String, String> TYPES =
        Map.of("html", "text/html; charset=utf-8", "js", "text/javascript; charset=utf-8", "css", "text/css");
    private static final String POLICY = "default-src 'self'; img-src data:; frame-ancestors 'none'";

    private final Map<String, Answer> files = new HashMap<>();

    /** A directory, or null where there is no page. */
    Page(Path directory) throws IOException {
        if (directory == null) return;
        try (var paths = Files.newDirectoryStream(directory, "*.{html,js,css}")) {
            for (Path path : paths) {
                String name = path.getFileName().toString();
                String type = TYPES.get(name.substring(name.lastIndexOf('.') + 1));
                Answer answer = new Answer(200, type, Files.readAllBytes(path), Map.of("Content-Security-Policy", POLICY));
                files.put("/" + name, answer);
                if (name.equals("index.html")) files.put("/", answer);
            }
        }
    }

    /** Nothing where there is no such file. */
    Answer file(String path) {
        return files.get(path);
    }
}
