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
        case let error as SignatureError: self.init(error)
        case let error as DatasetError: self.init(Self.status(of: error), "\(error)")
        case let error as ExecutionError:
            self.init(error.code == .library ? .internalError : .badData, "\(error)")
        default: self.init(.internalError, "\(error)")
        }
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
