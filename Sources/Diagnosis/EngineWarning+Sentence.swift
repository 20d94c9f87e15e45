import Engine

extension EngineWarning {
    package var sentence: String {
        switch self {
        case .noCache(let place): "there is no build cache at \(place.text)"
        case .unreviewedImage(let error): "what the image starts could not be checked: \(ErrorReport(error)?.sentence ?? "\(error)")"
        case .unusableCache(let place, let error): "the build cache \(place.text) is not used: \(ErrorReport(error)?.sentence ?? "\(error)")"
        }
    }
}
