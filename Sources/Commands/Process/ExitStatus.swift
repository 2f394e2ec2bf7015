import ArgumentParser

/// The documented exit statuses: those of `sysexits.h` where there is one.
package enum ExitStatus: Int32, Sendable, CaseIterable {
    /// Done.
    case done = 0
    /// The answer is no: a budget that cannot be met, a check that failed.
    case no = 1
    /// The command line makes no sense (`EX_USAGE`).
    case usage = 64
    /// A file's content is bad (`EX_DATAERR`).
    case badData = 65
    /// A file is not there or may not be read (`EX_NOINPUT`).
    case noInput = 66
    /// A service that is needed does not answer (`EX_UNAVAILABLE`).
    case unavailable = 69
    /// A mistake of Espalier itself (`EX_SOFTWARE`).
    case internalError = 70
    /// The output cannot be made, or is there already (`EX_CANTCREAT`).
    case cannotCreate = 73
    /// Reading or writing broke off (`EX_IOERR`).
    case inputOutput = 74
    /// Interrupted, as shells report it (128 + SIGINT).
    case interrupted = 130
}
