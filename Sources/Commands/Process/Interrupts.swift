import Dispatch
import Foundation
import Synchronization

/// What happens when the process is told to stop, or when a mapped file goes away under it.
package enum Interrupts {
    /// Files to remove when the process is stopped in the middle.
    private static let pending = Mutex<Set<String>>([])
    private static let sources = Mutex<[any DispatchSourceSignal]>([])

    /// Ends the process cleanly on SIGINT, SIGTERM and SIGHUP, and with a sentence on SIGBUS.
    ///
    /// A pipe that closes and a file that may not grow become write errors instead of signals.
    package static func install() {
        signal(SIGPIPE, SIG_IGN)
        signal(SIGXFSZ, SIG_IGN)
        signal(SIGBUS) { _ in
            // Only async-signal-safe calls here.
            let text: StaticString =
                "error: a file became shorter while it was being read; run again when it is whole\n"
            _ = write(2, text.utf8Start, text.utf8CodeUnitCount)
            _exit(ExitStatus.inputOutput.rawValue)
        }
        for number in [SIGINT, SIGTERM, SIGHUP] {
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { stop() }
            source.resume()
            sources.withLock { $0.append(source) }
        }
    }

    /// Has a file removed if the process is stopped before ``settle(_:)``.
    package static func expect(_ path: String) { pending.withLock { _ = $0.insert(path) } }

    /// The file is whole, or gone.
    package static func settle(_ path: String) { pending.withLock { _ = $0.remove(path) } }

    private static func stop() -> Never {
        // The lock stays held, so that no further file is begun while the process ends.
        pending.withLock { paths in
            for path in paths { unlink(path) }
            let text = "error: interrupted; nothing was written\n"
            FileHandle.standardError.write(Data(text.utf8))
            _exit(ExitStatus.interrupted.rawValue)
        }
    }
}
