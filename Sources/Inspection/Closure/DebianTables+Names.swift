/// The packages of modules, by the custom of each language's policy in Debian, as far as there is one of that name.
extension DebianTables {
    /// `yaml` is in `python3-yaml` (Debian Python Policy 4.3).
    static func package(ofPython module: String) -> String? {
        if let known = pythonModules[module] { return known }
        let name = "python3-" + module.lowercased().replacing("_", with: "-")
        return packages.contains(name) ? name : nil
    }

    /// `JSON::XS` is in `libjson-xs-perl` (Debian Perl Policy 4.2), `nokogiri` in `ruby-nokogiri`.
    static func package(of module: String, _ language: Language) -> String? {
        let name: String
        switch language {
        case .perl: name = "lib\(module.lowercased().replacing("::", with: "-"))-perl"
        case .ruby:
            name = "ruby-" + (module.split(separator: "/").first.map(String.init) ?? module).replacing("_", with: "-")
        case .python, .node, .java, .shell, .php, .lua: return nil
        }
        return packages.contains(name) ? name : nil
    }
}
