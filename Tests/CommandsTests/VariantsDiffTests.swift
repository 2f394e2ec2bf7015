import Contexts
import Foundation
import OrderedJSON
import Testing
import VariantStore

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

    /// Each profile's context gives its own predictions.
    @Test func profilesThatDiffer() throws {
        let sample = try SampleStore()
        try sample.publish(0, as: "fashion-mobilenet/slow") { manifest in
            manifest.profile.name = "slow"
            manifest.profile.device?.peakGflops = 1
        }
        let text = try sample.run("diff", "fashion-mobilenet/slow", line).output
        #expect(text.contains("inference, slow "))
        #expect(text.contains("inference, phone-4g "))
        #expect(text.contains("fashion-mobilenet/slow:v1  fashion-mobilenet/phone-4g:v2"))
    }

    /// A manifest may claim anything: no number ends the program, and no text moves the cursor.
    @Test func absurdManifests() throws {
        let sample = try SampleStore()
        try sample.publish(1, as: "absurd/large") { manifest in
            manifest.costs.after = Costs(
                inferenceMs: 1e300, loadMs: -1e300, fileBytes: .max, peakMemoryBytes: .min,
                multiplyAdds: .max, parameters: .min, weightSparsity: 1e300, accuracy: -1e300)
            manifest.costs.before = Costs(
                inferenceMs: 1e-300, loadMs: 0, fileBytes: 1, peakMemoryBytes: -1,
                multiplyAdds: .max,
                parameters: 0, accuracy: 1e300)
            manifest.profile.device?.peakGflops = 0
            manifest.profile.network?.bandwidthMbps = 0
            manifest.profile.description = "\u{1B}[2J"
            manifest.plan = .object([
                "channel-groups": .object([
                    "a": .object(["size": .integer(.max), "kept": .integer(.min)]),
                    "b": .object(["size": .integer(.max), "kept": .integer(1)]),
                ])
            ])
        }
        for arguments in [
            ["list"], ["show", "absurd/large"], ["diff", "absurd/large", line],
            ["diff", line, "absurd/large"],
        ] {
            for format in ["text", "json"] {
                let result = try Prune.run(
                    ["variants"] + arguments + ["--store", sample.path, "--format", format])
                #expect(result.status == 0, "\(arguments) \(result.error)")
                #expect(!result.output.contains("\u{1B}"))
            }
        }
    }
}
