/** Something that must not be believed, and why. */
@SuppressWarnings("serial")
final class Refused extends RuntimeException {
    Refused(String reason) {
        super(reason);
    }

    static void unless(boolean holds, String reason) {
        if (!holds) throw new Refused(reason);
    }
}
