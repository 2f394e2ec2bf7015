import Foundation
import RuntimeAdapter
import RuntimeAdapterSQLite
import Testing

/// Processes that are killed while they save, and several that save at once.
@Suite(.serialized) struct CrashTests {
    private func program() -> URL {
        var folder = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
        while folder.path.count > 1,
            !FileManager.default.isExecutableFile(
                atPath: folder.appending(path: "ObservationStress").path)
        {
            folder.deleteLastPathComponent()
        }
        return folder.appending(path: "ObservationStress")
    }

    private func start(_ path: String, first: Int, count: Int) throws -> (Process, Pipe) {
        let (process, pipe) = (Process(), Pipe())
        process.executableURL = program()
        process.arguments = [path, "\(first)", "\(count)"]
        process.standardOutput = pipe
        try process.run()
        return (process, pipe)
    }

    /// What is there is the last save that was told of, or the one that was being made; and whole.
    @Test func killedWhileSaving() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "crash-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appending(path: "observations.sqlite").path
        let kills = Int(ProcessInfo.processInfo.environment["ESPALIER_STRESS_KILLS"] ?? "") ?? 25
        var next = 1
        for kill in 0..<kills {
            let (process, pipe) = try start(path, first: next, count: 1_000_000)
            var told = Data()
            // The more rounds, the further it comes; where in a save it is then is up to chance.
            while told.count(where: { $0 == UInt8(ascii: "\n") }) <= kill % 9 {
                let more = pipe.fileHandleForReading.availableData
                guard !more.isEmpty else { break }
                told += more
            }
            #expect(Foundation.kill(process.processIdentifier, SIGKILL) == 0)
            told += pipe.fileHandleForReading.readDataToEndOfFile()
            process.waitUntilExit()
            let numbers = String(decoding: told, as: UTF8.self).split(separator: "\n")
                .compactMap { Int($0) }
            let last = try #require(numbers.last, "kill \(kill)")
            let store = try SQLiteObservationStore(path: path)
            #expect(store.setAside == nil)
            let state = try #require(try await store.load())
            let found = Set(state.cells.map(\.mean))
            #expect(state.cells.count == 200)
            #expect(found == [Double(last)] || found == [Double(last + 1)], "kill \(kill)")
            next = last + 2
        }
    }

    @Test func severalProcessesAtOnce() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "several-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appending(path: "observations.sqlite").path
        let writers = try (0..<4).map { try start(path, first: $0 * 1000, count: 25) }
        for (process, pipe) in writers {
            let told = pipe.fileHandleForReading.readDataToEndOfFile()
            process.waitUntilExit()
            #expect(process.terminationStatus == 0)
            #expect(told.count { $0 == UInt8(ascii: "\n") } == 25)
        }
        let state = try #require(try await SQLiteObservationStore(path: path).load())
        #expect(state.cells.count == 200)
        // Each writer's last, or one that another one's came behind: in any case one.
        #expect(Set(state.cells.map(\.mean)).count == 1)
    }
}
