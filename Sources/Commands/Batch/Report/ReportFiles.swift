import Foundation
import Glibc
import KerasFormat

/// Where the reports of a batch go beside standard output.
struct ReportFiles: Sendable {
    /// nil for nowhere, as ``markdown``.
    var junit: String?
    var markdown: String?
    /// The file to which the jobs of GitHub's workflows append; nil elsewhere.
    var stepSummary: String?

    /// Refuses places where nothing can be written, before any work is done.
    ///
    /// - Throws: ``CommandFailure``.
    func check() throws {
        for path in [junit, markdown].compactMap(\.self) where path != stepSummary {
            do {
                _ = try PendingFile(for: path, overwrite: true)
            } catch { throw CommandFailure(error) }
        }
        if let junit, junit == markdown {
            throw CommandFailure(.usage, "\(junit): --junit and --markdown name the same file")
        }
    }

    /// Writes the reports, each whole or not at all, in place of older ones; a step summary is appended to.
    ///
    /// - Throws: ``CommandFailure``.
    func write(_ report: BatchReport) throws {
        do {
            var files: [PendingFile] = []
            if let junit {
                files.append(
                    try PendingFile.stage(report.junit.utf8, for: junit, overwrite: true))
            }
            if let markdown, markdown != stepSummary {
                files.append(
                    try PendingFile.stage(report.markdown.utf8, for: markdown, overwrite: true))
            }
            try PendingFile.commit(together: files)
        } catch { throw CommandFailure(error) }
        if let markdown, markdown == stepSummary { try Self.append(report.markdown, to: markdown) }
    }

    private static func append(_ text: String, to path: String) throws {
        func failure() -> CommandFailure {
            CommandFailure(
                .inputOutput,
                "\(path): the summary cannot be written: \(String(cString: strerror(errno)))")
        }
        let descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw failure() }
        defer { close(descriptor) }
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw failure() }
            bytes = bytes.dropFirst(count)
        }
    }
}
