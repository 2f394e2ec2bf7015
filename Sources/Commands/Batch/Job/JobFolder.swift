import Contexts
import Foundation

/// The folder of a job file, which the paths in it are relative to.
struct JobFolder: Sendable, Equatable {
    /// Ends in a slash, or is empty for the current folder.
    let prefix: String

    /// - Parameter job: the path of the job file.
    init(of job: String) {
        prefix = job.lastIndex(of: "/").map { String(job[...$0]) } ?? ""
    }

    /// A path of the job file, seen from here.
    func path(_ text: String) -> String { text.hasPrefix("/") ? text : prefix + text }

    /// The path of a file if there is one, else the word itself: the name of an array in a file.
    func fileOrWord(_ text: String) -> String {
        let path = path(text)
        return FileManager.default.fileExists(atPath: path) ? path : text
    }

    /// The files that a path or a pattern names, in the order of their names; for a folder, the profiles in it.
    ///
    /// `*` and `?` stand for parts of one name, never of a hidden one, and never for `/`.
    func profiles(_ text: String) throws(JobPathError) -> [String] {
        guard text.contains(where: { "*?".contains($0) }) else {
            let path = path(text)
            guard FileManager.default.fileExists(atPath: path) else { throw .missing }
            return try found((try? ProfilesCommand.profiles(at: path)) ?? [])
        }
        var paths = [text.hasPrefix("/") ? "/" : prefix]
        let parts = text.split(separator: "/").map(String.init)
        for (number, part) in parts.enumerated() {
            let isLast = number == parts.count - 1
            paths = paths.flatMap { Self.matches(part, in: $0) }.map { isLast ? $0 : $0 + "/" }
        }
        return try found(paths.filter { Self.isFile($0) })
    }

    private func found(_ paths: [String]) throws(JobPathError) -> [String] {
        guard !paths.isEmpty else { throw .noMatch }
        return paths
    }

    private static func matches(_ part: String, in folder: String) -> [String] {
        guard part.contains(where: { "*?".contains($0) }) else {
            return FileManager.default.fileExists(atPath: folder + part) ? [folder + part] : []
        }
        let names = try? FileManager.default.contentsOfDirectory(
            atPath: folder.isEmpty ? "." : folder)
        let pattern = GlobPattern(part)
        return (names ?? [])
            .filter { ($0.first != "." || part.first == ".") && pattern.matches($0) }
            .sorted()
            .map { folder + $0 }
    }

    private static func isFile(_ path: String) -> Bool {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
            && !isFolder.boolValue
    }
}

/// Why a path of a job file names no file.
enum JobPathError: Error {
    /// There is nothing at the path.
    case missing
    /// Nothing matches the pattern, or the folder has no profiles.
    case noMatch
}
