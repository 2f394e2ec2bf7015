import Contexts
import Datasets
import Execution
import Glibc
import KerasFormat
import ModelGraph
import Planning
import Pruning
import VariantStore

extension CommandFailure {
    /// The sentence and the exit status for an error of any module.
    package init(_ error: any Error) {
        switch error {
        case let failure as CommandFailure: self = failure
        case let error as KerasError: self.init(Self.status(of: error), "\(error)")
        case let error as DocumentError: self.init(Self.status(of: error), "\(error)")
        case let error as LatencyTableError:
            if case .unreadable = error.code {
                self.init(.noInput, "\(error)")
            } else {
                self.init(.badData, "\(error)")
            }
        case let error as GraphError: self.init(.badData, "\(error)")
        case let error as PruningError:
            self.init(error.code == .criterion ? .usage : .badData, "\(error)")
        case let error as PlanningError where error.code == .needsEvaluationData:
            self.init(
                .usage,
                "profile '\(error.profile)', budget.\(error.line.rawValue): can only be checked with labelled data: "
                    + "give it by --data, or take the line out")
        case let error as PlanningError: self.init(.usage, "\(error)")
        case let error as VariantStoreError: self.init(error)
        case let error as DatasetError: self.init(Self.status(of: error), "\(error)")
        case let error as ExecutionError:
            self.init(error.code == .library ? .internalError : .badData, "\(error)")
        default: self.init(.internalError, "\(error)")
        }
    }

    private init(_ error: VariantStoreError) {
        let (status, words): (ExitStatus, String) =
            switch error.code {
            case .unreadable(let number) where number == ENOENT || number == ENOTDIR:
                (.noInput, "there is no such file")
            case .unreadable(let number):
                (.noInput, "cannot read the file: \(String(cString: strerror(number)))")
            case .tooLarge(let limit):
                (.badData, "larger than \(Measure.bytes(limit)), so it is no manifest")
            case .notAManifest:
                (
                    .badData,
                    "this is not a variant's manifest; prune writes one beside each variant, named as the "
                        + "variant with \(VariantManifest.fileSuffix) behind it"
                )
            case .tooNew(let schema):
                (
                    .badData,
                    "a manifest of schema \(schema), made by a later Espalier; this one reads schema "
                        + "\(VariantManifest.currentSchema), so use a newer one"
                )
            case .tooOld(let schema):
                (
                    .badData,
                    "a manifest of schema \(schema), which is not read any more; prune again to make one of schema "
                        + "\(VariantManifest.currentSchema)"
                )
            case .damaged:
                (
                    .badData,
                    "the manifest is damaged: \(error.detail); get the file anew or prune again"
                )
            }
        let place = error.key.isEmpty ? error.file : "\(error.file), key '\(error.key)'"
        self.init(status, "\(place): \(words)")
    }

    private static func status(of error: KerasError) -> ExitStatus {
        switch error.code {
        case .notFound: .noInput
        case .exists, .cannotCreate: .cannotCreate
        case .io: .inputOutput
        case .cannotStore: .usage
        case .notAModel, .unsupported, .damaged, .refused, .tooLarge, .topology, .weightsAlone,
            .weights,
            .notFinite:
            .badData
        }
    }

    private static func status(of error: DatasetError) -> ExitStatus {
        switch error.code {
        case .notFound: .noInput
        case .io(let number): number == EACCES || number == EPERM ? .noInput : .inputOutput
        case .option: .usage
        case .unsupported, .damaged, .refused, .tooLarge, .empty, .shape, .labels, .notFinite,
            .description:
            .badData
        }
    }

    private static func status(of error: DocumentError) -> ExitStatus {
        let isMissing = error.issues.allSatisfy { issue in
            switch issue.code {
            case .file(.unreadable): true
            case .rule(let rule as JobRule): rule.isMissing
            default: false
            }
        }
        return isMissing ? .noInput : .badData
    }
}
