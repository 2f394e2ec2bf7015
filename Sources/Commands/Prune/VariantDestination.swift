import KerasFormat
import ModelGraph
import Planning
import Pruning
import VariantStore

/// A variant that was proved, and all that is said of it.
struct FinishedVariant {
    var variant: Variant
    var manifest: VariantManifest
    /// As measured on this machine; nil if it was not.
    ///
    /// It is no part of the manifest, which knows no machine.
    var latency: (before: MeasuredLatency, after: MeasuredLatency)?
}

/// What became of a variant that was handed over.
enum Delivery: Equatable {
    /// It stands at the destination's path, its manifest beside it.
    case file
    /// It is a version in a store; not new if the line had the same variant already.
    case version(VariantVersion, isNew: Bool)
    /// It was judged unfit, and nothing was kept of it.
    case withheld
}

/// Where variants go.
protocol VariantDestination {
    /// The variant's file is written beside this path until it is delivered; its last part is the file's name.
    var path: String { get }
    /// Whether a file that stands at the path may be replaced.
    var overwrites: Bool { get }

    /// Hands a variant over, whole or not at all.
    func deliver(_ finished: FinishedVariant) throws -> Delivery
}

/// Files in a folder: the variant, its manifest, and what else was asked for.
struct FileDestination: VariantDestination {
    let path: String
    var overwrites = false
    /// The kind of the masked model's file; nil for the model's own.
    var kind: KerasFileKind?
    /// Where the masked model goes; nil for nowhere.
    var maskedOutput: String?
    /// Where the plan goes; nil for nowhere.
    var plan: String?
    let workshop: Workshop

    func deliver(_ finished: FinishedVariant) throws -> Delivery {
        try PendingFile.commit(
            together: try filesBesides(finished) + [finished.variant.file])
        return .file
    }

    /// The masked model, the plan and the manifest; they get their names before the variant, which is the last to appear.
    private func filesBesides(_ finished: FinishedVariant) throws -> [PendingFile] {
        let variant = finished.variant
        var files: [PendingFile] = []
        if let maskedOutput {
            files.append(
                try workshop.base.stage(
                    for: maskedOutput, graph: variant.masked(), as: kind,
                    compression: variant.compression, overwrite: overwrites))
        }
        if let plan {
            files.append(
                try PendingFile.stage(
                    variant.plan.pruning.text.utf8, for: plan, overwrite: overwrites))
        }
        files.append(
            try PendingFile.stage(
                try finished.manifest.encoded(), for: path + VariantManifest.fileSuffix,
                overwrite: overwrites))
        return files
    }
}
