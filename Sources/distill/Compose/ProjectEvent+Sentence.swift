import Diagnosis
import LinuxSystem
import Projects
import Rendering

extension ProjectEvent {
    func show() { StandardStream.error.show("\(sentence)\n") }
}
