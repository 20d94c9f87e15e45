import LinuxSystem
import Rendering
import Storage

/// What a person may want to do next: told once for each occasion, at a terminal only.
enum NextStep: String {
    case built = "hint-build"
    case pulled = "hint-pull"
    case failed = "hint-failure"

    func tell(_ text: ShownText, in store: Store) {
        let isOff = ["0", "false", "off"].contains(ProcessFacts.environment["DISTILL_HINTS"] ?? "")
        guard !isOff, Terminal.isTerminal(2) || ProcessFacts.environment["DISTILL_HINTS"] == "always" else { return }
        // A store that cannot be written has had its first time.
        guard (try? store.isFirst(rawValue)) == true else { return }
        StandardStream.error.show(
            "\(Distill.errorStyle.paint("next:", .heading)) \(text)\n  DISTILL_HINTS=0 hides such lines\n")
    }
}
