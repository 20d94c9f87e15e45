import Engine

extension EngineWarning {
    var sentence: String {
        switch self {
        case .noCache(let place): "there is no build cache at \(place.text)"
        case .unusableCache(let place, let error): "the build cache \(place.text) is not used: \(ErrorReport(error)?.sentence ?? "\(error)")"
        }
    }
}
