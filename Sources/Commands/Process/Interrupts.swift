import Foundation
import KerasFormat
import Synchronization

/// What happens when the process is told to stop, or when a mapped file goes away under it.
package enum Interrupts {
    private static let note = Mutex<String?>(nil)
    private static let isEnding = Atomic<Bool>(false)

    /// Does not come back if the process is being ended: what fails then fails because of that.
    package static func waitIfEnding() {
        while isEnding.load(ordering: .acquiring) { pause() }
    }

    /// What to tell when the process is interrupted, in place of the usual sentence; nil for that one.
    package static func explain(_ text: String?) { note.withLock { $0 = text } }

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
            let note = note.withLock { $0 } ?? "unfinished output was removed"
            let text = "error: interrupted; \(note)\n"
            FileHandle.standardError.write(Data(text.utf8))
            isEnding.store(true, ordering: .releasing)
            // Other threads go on working, and may be about to make a file whose name is chosen.
            PendingFile.removeAll()
            usleep(5000)
            PendingFile.removeAll()
            _exit(ExitStatus.interrupted.rawValue)
        }
    }
}
