import Foundation
import Testing

/// A few seconds of `AdapterSoak`; `docs/adapter.md` has ten minutes of it.
@Suite struct SoakTests {
    @Test func nothingFailsAndNothingIsWrong() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let soak = Process()
        let output = Pipe()
        soak.executableURL = Bundle.main.executableURL?.deletingLastPathComponent()
            .appending(path: "AdapterSoak")
        soak.arguments = [root.appending(path: "docs/samples/manifest-1.json").path, "5", "2"]
        soak.standardOutput = output
        soak.standardError = output
        try soak.run()
        let text = String(
            decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        soak.waitUntilExit()
        #expect(soak.terminationStatus == 0, "\(text)")
        // Everything happened at least once.
        for trouble in ["is gone", "is cut in half", "is damaged", "is unsigned", "that fail"] {
            #expect(text.contains(trouble), "\(text)")
        }
    }
}
