package import Compose
import Engine
import LinuxSystem
import OCI
import Sandbox

extension ProjectFiles {
    /// Which system calls a service may make.
    func systemCalls(of service: Service) throws -> ProcessSpec.SystemCalls {
        switch service.systemCalls {
        case .standard: return .standard
        case .unrestricted: return .unrestricted
        case .profile(let file):
            do { return .profile(try SecurityOptions.profile(path(file.value)).profile) } catch {
                throw ProjectError.unusableProfile(path: file.value, problem: error, file.place)
            }
        }
    }

    /// A service's variables: those of its files, then its own.
    package func variables(of service: Service) throws -> [Variable] {
        var result: [Variable] = []
        for file in service.environmentFiles {
            let path = path(file.path)
            guard let bytes = HostFiles.read(path) else {
                guard file.isRequired else { continue }
                throw ProjectError.missingEnvironmentFile(path: file.path, file.place)
            }
            let text = String(decoding: bytes, as: UTF8.self)
            if file.isRaw {
                result += try DotEnvironment(plain: text, file: file.path).variables.map {
                    Variable(name: $0.name, value: $0.value)
                }
            } else {
                result += try DotEnvironment(parsing: text, file: file.path, known: environment).variables.map {
                    Variable(name: $0.name, value: $0.value)
                }
            }
        }
        return result + service.environment
    }
}
