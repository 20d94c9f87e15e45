package shopping;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadPoolExecutor;

/** The service: JSON over HTTP in front of the database, and the page where it is given one. */
public final class Main {
    private static final int THREADS = 8;
    private static final int SECONDS_TO_FINISH = 5;

    private Main() {}

    public static void main(String[] arguments) throws IOException {
        // Slow requests must not keep threads, in seconds; and who sends too much should still hear why it is refused.
        System.setProperty("sun.net.httpserver.maxReqTime", "15");
        System.setProperty("sun.net.httpserver.maxRspTime", "15");
        System.setProperty("sun.net.httpserver.drainAmount", Integer.toString(16 << 20));

        Settings settings = Settings.from(System.getenv());
        HttpServer server = HttpServer.create(new InetSocketAddress(settings.port()), 0);
        ThreadPoolExecutor threads = (ThreadPoolExecutor) Executors.newFixedThreadPool(THREADS);
        server.setExecutor(threads);
        server.createContext("/", new Routes(new Items(settings), new Page(settings.page())));
        // SIGTERM: what has begun is finished. An idle server would wait for the whole time.
        Runtime.getRuntime().addShutdownHook(
            new Thread(() -> server.stop(threads.getActiveCount() == 0 ? 0 : SECONDS_TO_FINISH)));
        server.start();
        System.out.println("listening on port " + settings.port());
    }
}
