import Engine

extension EngineWarning {
    package var sentence: String {
        switch self {
        case .placeholder(let file, let repository):
            "\(file) of \(repository) is not the file itself: git-lfs keeps its content elsewhere, and it is not fetched"
        case .unusedArgument(let argument):
            "no ARG takes the build argument '\(argument.name)'"
                + (argument.nearest.map { ": did you mean \($0)?" } ?? "")
        case .network(let warning): warning.sentence
        case .noCache(let place): "there is no build cache at \(place.text)"
        case .unreviewedImage(let error):
            "what the image starts could not be checked: \(ErrorReport(error)?.sentence ?? ErrorReport.unknown.sentence)"
        case .unusableCache(let place, let error):
            "the build cache \(place.text) is not used: \(ErrorReport(error)?.sentence ?? ErrorReport.unknown.sentence)"
        case .unwrittenCache(let place, let error):
            "the build cache \(place.text) is not written: \(ErrorReport(error)?.sentence ?? ErrorReport.unknown.sentence)"
        }
    }
}
