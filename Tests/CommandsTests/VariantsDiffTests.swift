import Foundation
import OrderedJSON
import Testing

/// `prune variants diff`: two variants side by side.
@Suite struct VariantsDiffTests {
    private let line = SampleStore.line

    @Test func differencesForPeople() throws {
        let sample = try SampleStore()
        let result = try sample.run("diff", "\(line):v1", line)
        #expect(result.status == 0, "\(result.error)")
        let text = result.output
        #expect(text.hasPrefix("\(line):v1 → \(line):v2\n"))
        for part in [
            "inference, measured", "1.50 ms  1.25 ms  −17 %", "mac-fraction",
            "✓ ≤ 7.58 M    ✓ ≤ 5.41 M",
            "Channels\n", "block4_pointwise   256  200  → 160  −20 %",
            "Measured on Example CPU, 2 cores, 8.00 GiB.",
        ] {
            #expect(text.contains(part), "\(part) in \(text)")
        }
        // The same profile predicts for both, once.
        #expect(text.components(separatedBy: "inference, phone-4g").count == 2)
    }

    @Test func differencesForPrograms() throws {
        let sample = try SampleStore()
        let result = try sample.run("diff", "\(line):v1", line, "--format", "json")
        let value = try JSON(parsing: result.output)
        #expect(try Schema(of: "variants-diff").faults(value) == [])
        #expect(value["same"] == false)
        #expect(value["same-base"] == true)
        let group = value["channel-groups"]?.array?.first { $0["name"] == "block4_pointwise" }
        #expect(group?["base"] == 256 && group?["before"] == 200 && group?["after"] == 160)
        #expect(value["measurements"]?[0]?["after"]?["median-ms"]?.double == 1.25)
    }

    @Test func exitCodeTellsWhetherTheyDiffer() throws {
        let sample = try SampleStore()
        let same = try sample.run("diff", "\(line):v2", line, "--exit-code")
        #expect(same.status == 0)
        #expect(same.output.contains("The same variant: sha256:"))
        let other = try sample.run("diff", "\(line):v1", line, "--exit-code")
        #expect(other.status == 1)
        #expect(other.error.isEmpty)
        #expect(try sample.run("diff", "\(line):v1", line).status == 0)
    }
}
