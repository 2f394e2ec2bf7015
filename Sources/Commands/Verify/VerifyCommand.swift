package import ArgumentParser
import Foundation
import KerasFormat
import ModelGraph
import OrderedJSON
import VariantStore

/// `prune verify`: repeats a variant's proof on the files as they lie.
package struct VerifyCommand: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Check a variant against its manifest and the network that it came from.",
        discussion: """
            The files are held against the digests in the manifest, the plan is carried out anew on the base, and the \
            variant is run against what comes out. The status is 0 if everything holds and 1 if something does not.
            """)

    @Option(name: [.long, .short], help: "The variant.", completion: .file())
    var model: String

    @Option(
        help: ArgumentHelp(
            "The variant's manifest; by default the file with the variant's name and \(VariantManifest.fileSuffix).",
            valueName: "file"), completion: .file())
    var manifest: String?

    @Option(
        help: ArgumentHelp(
            "The network that the variant came from; by default the file of its name beside the variant or the manifest.",
            valueName: "file"), completion: .file())
    var base: String?

    @Option(
        help: ArgumentHelp(
            "The topology of a base that holds weights alone, as for prune.", valueName: "file"),
        completion: .file())
    var topology: String?

    @OptionGroup(title: "Proof") var proof: ProofInputOptions
    @OptionGroup(title: "Data") var data: ProofDataOptions

    @Option(help: "text or json.")
    var format: OutputFormat = .text

    package init() {}

    package func run() throws {
        let start = ContinuousClock.now
        let manifestPath = manifest ?? model + VariantManifest.fileSuffix
        let record = try VariantManifest(readingFrom: manifestPath)
        let verification = try Verification(
            manifest: record, manifestPath: manifestPath, variant: model,
            base: try base
                ?? Self.base(named: record.base.file.name, beside: [model, manifestPath]),
            topology: topology,
            evidence: Verification.Evidence(
                inputs: { try proof.inputs(try data.calibrating(for: $0), for: $0) },
                labelled: { try data.labelled(for: $0) },
                samples: { graph, record in
                    try data.calibrating(for: graph).map {
                        try DatasetSamples(
                            $0, for: graph, count: record.samples,
                            seed: UInt64(truncatingIfNeeded: record.seed))
                    }
                }))
        let report = VerificationReport(
            verification: verification, seconds: (ContinuousClock.now - start).seconds)
        switch format {
        case .text: for line in report.lines { print(line) }
        case .json: print(report.json.text(indent: 2))
        }
        let failures = verification.failures
        if !failures.isEmpty {
            throw CommandFailure(.no, failures.map { "\(model): \($0)" }.joined(separator: "\n"))
        }
    }

    /// The base, where it lies beside one of these files.
    private static func base(named name: String, beside files: [String]) throws -> String {
        let folders = files.map { path in path.lastIndex(of: "/").map { path[...$0] } ?? "" }
        // A name from a manifest must not lead elsewhere.
        if !name.contains("/"), !name.isEmpty {
            for folder in folders where FileManager.default.fileExists(atPath: folder + name) {
                return folder + name
            }
        }
        throw CommandFailure(
            .noInput,
            "\(files[0]): its base '\(name)' lies neither beside it nor beside its manifest; say where by --base"
        )
    }
}
