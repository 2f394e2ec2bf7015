import Contexts
import Execution
import KerasFormat
import ModelGraph
import Pruning

extension CommandFailure {
    /// The sentence and the exit status for an error of any module.
    package init(_ error: any Error) {
        switch error {
        case let failure as CommandFailure: self = failure
        case let error as KerasError: self.init(Self.status(of: error), "\(error)")
        case let error as ProfileError: self.init(Self.status(of: error), "\(error)")
        case let error as LatencyTableError:
            if case .unreadable = error.code {
                self.init(.noInput, "\(error)")
            } else {
                self.init(.badData, "\(error)")
            }
        case let error as GraphError: self.init(.badData, "\(error)")
        case let error as ExecutionError:
            self.init(
                error.code == .library || error.code == .memory ? .internalError : .badData,
                "\(error)")
        case let error as PruningError:
            self.init(error.code == .criterion ? .usage : .badData, "\(error)")
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

    private static func status(of error: ProfileError) -> ExitStatus {
        let isMissing = error.issues.contains { issue in
            if case .file(.unreadable) = issue.code { true } else { false }
        }
        return isMissing ? .noInput : .badData
    }
}
