import Foundation
import Testing

/// The stress program in small; `ESPALIER_STRESS_KILLS` and `ESPALIER_STRESS_PUBLICATIONS` make it large.
@Suite(.serialized) struct StressTests {
    private func run(_ arguments: [String]) throws -> (output: String, status: Int32) {
        var folder = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
        while folder.path.count > 1,
            !FileManager.default.isExecutableFile(
                atPath: folder.appending(path: "StoreStress").path)
        {
            folder.deleteLastPathComponent()
        }
        let process = Process()
        process.executableURL = folder.appending(path: "StoreStress")
        process.arguments = arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (String(decoding: output, as: UTF8.self), process.terminationStatus)
    }

    private func setting(_ name: String, _ value: String) -> String {
        ProcessInfo.processInfo.environment[name] ?? value
    }

    @Test func writersThatAreKilled() throws {
        let kills = setting("ESPALIER_STRESS_KILLS", "25")
        let (output, status) = try run(["crash", "--kills", kills, "--seed", "5"])
        #expect(status == 0, "\(output)")
        #expect(output.contains("nothing lost"))
    }

    @Test func manyAtOnce() throws {
        let count = setting("ESPALIER_STRESS_PUBLICATIONS", "160")
        let (output, status) = try run([
            "concurrency", "--writers", "8", "--readers", "8", "--publications", count,
            "--lines", "5",
        ])
        #expect(status == 0, "\(output)")
        #expect(output.contains("nothing lost, no torn read"))
    }
}
