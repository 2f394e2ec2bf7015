import Foundation
import KerasFormat

/// What happens when the process is told to stop, or when a mapped file goes away under it.
package enum Interrupts {
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
            _ = text.withUTF8Buffer { write(2, $0.baseAddress, $0.count) }
            _exit(ExitStatus.inputOutput.rawValue)
        }
        // Blocked everywhere, these signals reach the one thread that waits for them.
        var stopping = sigset_t()
        sigemptyset(&stopping)
        for number in [SIGINT, SIGTERM, SIGHUP] { sigaddset(&stopping, number) }
        pthread_sigmask(SIG_BLOCK, &stopping, nil)
        Thread.detachNewThread {
            var awaited = sigset_t()
            sigemptyset(&awaited)
            for number in [SIGINT, SIGTERM, SIGHUP] { sigaddset(&awaited, number) }
            var received: Int32 = 0
            guard sigwait(&awaited, &received) == 0 else { return }
            PendingFile.removeAll()
            let text = "error: interrupted; unfinished output was removed\n"
            FileHandle.standardError.write(Data(text.utf8))
            _exit(ExitStatus.interrupted.rawValue)
        }
    }
}
