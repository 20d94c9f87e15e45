import Engine
import Rendering

extension LoneProgram {
    package var sentence: String {
        "note: \(path) is one static file: a second stage FROM scratch that copies it alone would be "
            + "\(HumanSize.text(surplus)) smaller"
    }
}
