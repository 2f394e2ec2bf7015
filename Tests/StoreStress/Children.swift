import Foundation
import Synchronization

/// This program again, in another process, and what it says.
final class Child: Sendable {
    private let process: Mutex<Process>
    private let output = Mutex(Data())
    private let ended = DispatchGroup()
    let processID: Int32

    init(_ arguments: [String]) throws {
        let process = Process()
        process.executableURL = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
        process.arguments = arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        processID = process.processIdentifier
        self.process = Mutex(process)
        let handle = pipe.fileHandleForReading
        ended.enter()
        Thread.detachNewThread { [self] in
            while case let data = handle.availableData, !data.isEmpty {
                output.withLock { $0 += data }
            }
            ended.leave()
        }
    }

    /// Ends it as a power cut would.
    func kill() { Foundation.kill(processID, SIGKILL) }

    /// Waits for its end.
    ///
    /// - Returns: the whole lines that it said, and its status.
    func finish() -> (lines: [String], status: Int32) {
        ended.wait()
        let status = process.withLock { process in
            process.waitUntilExit()
            return process.terminationStatus
        }
        let text = output.withLock { String(decoding: $0, as: UTF8.self) }
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        // What stands behind the last line's end was cut off.
        lines.removeLast()
        return (lines, status)
    }
}
