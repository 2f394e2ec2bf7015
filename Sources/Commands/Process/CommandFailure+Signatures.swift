import Glibc
import VariantStore

extension CommandFailure {
    init(_ error: SignatureError) {
        let (status, words): (ExitStatus, String) =
            switch error.code {
            case .unreadable(let number) where number == ENOENT || number == ENOTDIR:
                (.noInput, "there is no such file")
            case .unreadable(let number):
                (.noInput, "cannot read the file: \(String(cString: strerror(number)))")
            case .tooLarge(let limit):
                (.badData, "larger than \(Measure.bytes(limit)), so it is no key")
            case .exposed(let mode):
                (
                    .badData,
                    "others may read or change this private key (mode \(String(mode, radix: 8))); "
                        + "chmod 600 makes it the owner's alone"
                )
            case .notPEM:
                (.badData, "this is no key: one PEM block (-----BEGIN …) is expected")
            case .otherKind(let label, let expected):
                (.badData, "this is a \(label.lowercased()); a \(expected.lowercased()) is needed")
            case .encrypted:
                (
                    .badData,
                    "this private key is under a password; openssl pkey -in FILE -out NEW writes it without"
                )
            case .notEd25519:
                (
                    .badData,
                    "this is no Ed25519 key; prune variants keygen makes one, openssl genpkey "
                        + "-algorithm ed25519 too"
                )
            case .cannotSign: (.internalError, "the key does not sign")
            }
        self.init(status, error.file.isEmpty ? words : "\(error.file): \(words)")
    }
}
