import static java.nio.charset.StandardCharsets.UTF_8;
import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.TRUNCATE_EXISTING;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** Files that outlive a crash. A real system has a table for each of these; what matters is the order of writing. */
final class Store {
    /** The file is on disk, whole, before this returns, or it is not there. */
    static void write(Path path, String text) throws IOException {
        Files.createDirectories(path.getParent());
        var fresh = path.resolveSibling(path.getFileName() + ".new");
        try (var file = FileChannel.open(fresh, CREATE, TRUNCATE_EXISTING, WRITE)) {
            var octets = ByteBuffer.wrap(text.getBytes(UTF_8));
            while (octets.hasRemaining()) file.write(octets);
            file.force(true);
        }
        Files.move(fresh, path, StandardCopyOption.ATOMIC_MOVE);
        try (var folder = FileChannel.open(path.getParent(), READ)) {
            folder.force(true);
        }
    }
}
