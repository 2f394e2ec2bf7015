import Foundation

/// `--key value` pairs behind the mode.
struct Options {
    let mode: String
    private var values: [String: String] = [:]

    init(_ arguments: [String]) {
        mode = arguments.dropFirst().first ?? ""
        var rest = arguments.dropFirst(2)
        while let key = rest.popFirst(), let value = rest.popFirst() {
            values[key.replacing("--", with: "")] = value
        }
    }

    subscript(key: String) -> String? { values[key] }

    func number(_ key: String, default value: Int) -> Int {
        values[key].flatMap { Int($0) } ?? value
    }

    /// The folder that the store is made in: `--folder`, or one of its own below the temporary folder.
    func folder() throws -> URL {
        let folder =
            values["folder"].map { URL(filePath: $0) }
            ?? FileManager.default.temporaryDirectory.appending(path: "store-stress-\(getpid())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        return folder
    }
}

/// What went wrong, in words for whoever reads the log.
struct StressFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

/// Prints a line at once, even into a pipe.
func say(_ text: String) {
    FileHandle.standardOutput.write(Data((text + "\n").utf8))
}

extension Duration {
    var seconds: Double {
        Double(components.seconds) + Double(components.attoseconds) * 1e-18
    }
}
