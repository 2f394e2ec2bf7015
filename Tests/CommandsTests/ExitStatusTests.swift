import Datasets
import Execution
import Testing

@testable import Commands

/// Errors of the libraries end in the documented statuses, with their own sentence.
@Suite struct ExitStatusTests {
    @Test(arguments: [
        (ExecutionError.Code.unsupported, Commands.ExitStatus.badData), (.shape, .badData),
        (.weight, .badData), (.memory, .badData), (.library, .internalError),
    ])
    func execution(code: ExecutionError.Code, status: Commands.ExitStatus) {
        let failure = CommandFailure(ExecutionError(code, layer: "conv", "it cannot be"))
        #expect(failure == CommandFailure(status, "layer 'conv': it cannot be"))
    }

    @Test(arguments: [
        (DatasetError.Code.notFound, Commands.ExitStatus.noInput), (.io(errno: 13), .noInput),
        (.io(errno: 5), .inputOutput), (.option, .usage), (.labels, .badData),
        (.damaged, .badData), (.description, .badData), (.shape, .badData),
    ])
    func data(code: DatasetError.Code, status: Commands.ExitStatus) {
        let failure = CommandFailure(DatasetError(code, file: "d", line: 2, place: "k", "no"))
        #expect(failure == CommandFailure(status, "d:2: k: no"))
    }
}
