package import ArgumentParser
import Foundation

/// The `prune` executable.
package struct PruneTool: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "prune",
        abstract: "Shrink trained Keras networks until they fit a device, a network and a budget.",
        discussion: """
            prune --profile pruning-profiles/phone-4g.yaml --model network.h5

            Exit status: 0 done; 1 the answer is no (a budget that cannot be met, a check that failed); \
            64 usage; 65 bad input; 66 no such input; 69 something needed is not available; 70 internal error; \
            73 cannot create the output; 74 reading or writing broke off; 130 interrupted.
            """,
        version: Espalier.version,
        subcommands: [
            PruneCommand.self, BatchCommand.self, VariantsCommand.self, SelectCommand.self,
            VerifyCommand.self, EvaluateCommand.self, MeasureCommand.self, InspectCommand.self,
            ProfilesCommand.self,
        ],
        defaultSubcommand: PruneCommand.self)

    package init() {}

    /// Runs the command line and ends the process with the documented status.
    package static func mainWithStatus(_ arguments: [String]? = nil) -> Never {
        Interrupts.install()
        do {
            var command = try parseAsRoot(arguments)
            try command.run()
            Foundation.exit(ExitStatus.done.rawValue)
        } catch let failure as CommandFailure {
            report(failure)
        } catch let code as ExitCode {
            Foundation.exit(code.rawValue)
        } catch
            where exitCode(for: error) == .validationFailure || exitCode(for: error) == .success
        {
            exit(withError: error)
        } catch {
            report(CommandFailure(error))
        }
    }

    private static func report(_ failure: CommandFailure) -> Never {
        Interrupts.waitIfEnding()
        for line in failure.message.split(separator: "\n") {
            FileHandle.standardError.write(Data("error: \(line)\n".utf8))
        }
        Foundation.exit(failure.status.rawValue)
    }
}
