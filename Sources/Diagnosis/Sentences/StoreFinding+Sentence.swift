import Storage

extension Store.Finding {
    /// `layer sha256:…: its bytes are damaged; unpacked again`.
    package var sentence: String {
        let name =
            switch subject {
            case .blob(let digest): "blob \(digest)"
            case .download(let digest): "download \(digest)"
            case .layer(let layer): "layer \(layer)"
            case .image(let id): "image \(id)"
            case .reference(let name): "name \(name.replacing("%2f", with: "/"))"
            case .cacheRecord(let name): "cache record \(name)"
            }
        let what =
            switch problem {
            case .damaged: "its bytes are not what they should be"
            case .unreadable: "it cannot be read"
            case .incomplete(let missing): "\(missing) is missing"
            case .undescribed: "nothing right is known of it"
            case .mislabelled(let layer): "its layer \(layer) holds something else than its config says"
            }
        let done =
            switch outcome {
            case .repaired: "repaired"
            case .removed: "removed, and made or fetched again when it is needed"
            case .left: "left as it is"
            case .lost: "it cannot be repaired: build or pull the image again, or remove it with 'distill rmi'"
            }
        return "\(name): \(what); \(done)"
    }
}
