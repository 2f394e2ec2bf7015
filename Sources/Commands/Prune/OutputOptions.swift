import ArgumentParser
import Contexts
import Foundation
import KerasFormat
import VariantStore

/// The options that say what to write.
struct OutputOptions: ParsableArguments {
    @Option(
        name: [.long, .short],
        help: ArgumentHelp(
            "The variant's file, or a folder for the variants of several profiles.",
            valueName: "path"),
        completion: .file())
    var output: String?

    @Option(
        name: .customLong("as"),
        help: ArgumentHelp(
            "The kind of file to write: h5, keras or weights-h5; the model's own by default.",
            valueName: "kind"))
    var kind: String?

    @Option(
        help: ArgumentHelp(
            "Also write the masked model: the shapes of the original, the numbers of the variant.",
            valueName: "file"), completion: .file())
    var maskedOutput: String?

    @Option(
        help: ArgumentHelp(
            "Carry out a plan that was saved, in place of planning.", valueName: "file"),
        completion: .file())
    var plan: String?

    @Option(
        help: ArgumentHelp("Save the plan, to be carried out again.", valueName: "file"),
        completion: .file())
    var savePlan: String?

    @Flag(name: [.long, .short], help: "Replace files that are there.")
    var force = false

    @Flag(help: "Plan and report, write nothing.")
    var dryRun = false

    @Flag(help: "Do not measure how long the original and the variant take on this machine.")
    var skipTiming = false

    @Flag(name: [.long, .short], help: "Show no progress.")
    var quiet = false

    @Option(help: "text or json.")
    var format: OutputFormat = .text

    init() {}

    /// The kind of file to write; nil for the model's own.
    func fileKind() throws -> KerasFileKind? {
        guard let kind else { return nil }
        switch kind {
        case "h5": return .wholeModelH5
        case "keras": return .keras
        case "weights-h5": return .weightsH5
        default: throw CommandFailure(.usage, "--as \(kind): must be h5, keras or weights-h5")
        }
    }

    /// How variants are made.
    func making() throws -> VariantMaker.Options {
        VariantMaker.Options(
            kind: try fileKind(), plan: plan, measuresLatency: !skipTiming)
    }

    /// Where the variant of each context goes, nil for nowhere; checked before any work is done.
    func destinations(
        for contexts: [PruningContext], of workshop: Workshop
    ) throws -> [(any VariantDestination)?] {
        let paths = try paths(for: contexts, of: workshop.base)
        if dryRun { return paths.map { _ in nil } }
        let kind = try fileKind()
        return paths.map {
            FileDestination(
                path: $0, overwrites: force, kind: kind, maskedOutput: maskedOutput,
                plan: savePlan, workshop: workshop)
        }
    }

    private func paths(for contexts: [PruningContext], of model: KerasModel) throws -> [String] {
        if contexts.count > 1, maskedOutput != nil || savePlan != nil {
            throw CommandFailure(
                .usage,
                "--masked-output and --save-plan go with one profile, not with \(contexts.count)")
        }
        let (stem, ending) = Self.split(model.file, kind: try fileKind())
        var isFolder: ObjCBool = false
        let exists =
            output.map { FileManager.default.fileExists(atPath: $0, isDirectory: &isFolder) }
            ?? false
        if let output, !(exists && isFolder.boolValue), !output.hasSuffix("/") {
            guard contexts.count == 1 else {
                throw CommandFailure(
                    .usage,
                    "--output \(output): must be a folder that is there, for \(contexts.count) variants"
                )
            }
            try check([output])
            return [output]
        }
        if let output, output.hasSuffix("/"), !exists {
            throw CommandFailure(.cannotCreate, "\(output): no such folder; make it first")
        }
        let folder = output.map { $0.hasSuffix("/") ? $0 : $0 + "/" } ?? ""
        let paths = contexts.map { "\(folder)\(stem).\($0.profile.name)\(ending)" }
        try check(paths)
        return paths
    }

    private func check(_ paths: [String]) throws {
        guard !force, !dryRun else { return }
        let manifests = paths.map { $0 + VariantManifest.fileSuffix }
        for path in paths + manifests + [maskedOutput, savePlan].compactMap(\.self)
        where FileManager.default.fileExists(atPath: path) {
            throw CommandFailure(
                .cannotCreate,
                "\(path): is there already; use --force to replace it, or another --output")
        }
    }

    /// The model's name without folder and ending.
    static func stem(_ path: String) -> String { split(path, kind: nil).stem }

    /// How the names of files of a kind end; as the model's own for nil.
    static func ending(of model: String, as kind: KerasFileKind?) -> String {
        split(model, kind: kind).ending
    }

    /// The model's name without folder and ending, and the ending that fits the kind.
    private static func split(_ path: String, kind: KerasFileKind?) -> (
        stem: String, ending: String
    ) {
        var name = path.split(separator: "/").last.map(String.init) ?? path
        var ending = ""
        for known in [".weights.h5", ".keras", ".hdf5", ".h5"] where name.hasSuffix(known) {
            name.removeLast(known.count)
            ending = known
            break
        }
        switch kind {
        case nil: break
        case .wholeModelH5, .legacyWeightsH5: ending = ".h5"
        case .keras: ending = ".keras"
        case .weightsH5: ending = ".weights.h5"
        }
        return (name, ending.isEmpty ? ".h5" : ending)
    }
}
