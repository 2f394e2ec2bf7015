import Foundation

/// The built executable, as a user runs it.
enum Prune {
    struct Result {
        var status: Int32
        var output: String
        var error: String
    }

    static let root = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    /// Beside the test bundle.
    private static var executable: URL {
        var folder = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
        for _ in 0..<4 {
            let candidate = folder.appending(path: "prune")
            if FileManager.default.isExecutableFile(atPath: candidate.path) { return candidate }
            folder.deleteLastPathComponent()
        }
        return URL(filePath: "prune")
    }

    /// Runs the command line in the project's folder, to its end.
    static func run(_ arguments: [String]) throws -> Result {
        try run(executable, arguments)
    }

    /// Runs a line of shell whose `$0` is the executable and whose `$@` are the arguments.
    static func shell(_ line: String, _ arguments: [String]) throws -> Result {
        try run(URL(filePath: "/bin/bash"), ["-c", line, executable.path] + arguments)
    }

    private static func run(_ program: URL, _ arguments: [String]) throws -> Result {
        let process = Process()
        process.executableURL = program
        process.arguments = arguments
        process.currentDirectoryURL = root
        let folder = try temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let (output, error) = (folder.appending(path: "out"), folder.appending(path: "err"))
        for file in [output, error] {
            _ = FileManager.default.createFile(atPath: file.path, contents: nil)
        }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = try FileHandle(forWritingTo: output)
        process.standardError = try FileHandle(forWritingTo: error)
        try process.run()
        process.waitUntilExit()
        return Result(
            status: process.terminationStatus,
            output: try String(contentsOf: output, encoding: .utf8),
            error: try String(contentsOf: error, encoding: .utf8))
    }

    /// A new empty folder.
    static func temporaryFolder() throws -> URL {
        let folder = FileManager.default.temporaryDirectory.appending(
            path: "prune-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        return folder
    }

    static func model(_ name: String) -> String { root.appending(path: "models/\(name).h5").path }

    /// What lies in a folder, hidden files too.
    static func names(in folder: URL) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    }
}
