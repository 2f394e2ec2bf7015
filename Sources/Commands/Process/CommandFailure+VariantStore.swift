import Glibc
import VariantStore

extension CommandFailure {
    init(_ error: VariantStoreError) {
        let (status, words) =
            Self.ofManifest(error) ?? Self.ofStore(error) ?? Self.ofWriting(error)
            ?? Self.ofContent(error)
        let place = error.key.isEmpty ? error.file : "\(error.file), key '\(error.key)'"
        self.init(status, "\(place): \(words)")
    }

    private typealias Answer = (status: ExitStatus, words: String)

    private static func ofManifest(_ error: VariantStoreError) -> Answer? {
        switch error.code {
        case .unreadable(let number) where number == ENOENT || number == ENOTDIR:
            (.noInput, "there is no such file")
        case .unreadable(let number):
            (.noInput, "cannot read the file: \(reason(number))")
        case .tooLarge(let limit):
            (.badData, "larger than \(Measure.bytes(limit)), so it is no such file")
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
        default: nil
        }
    }

    private static func ofStore(_ error: VariantStoreError) -> Answer? {
        switch error.code {
        case .noStore: (.noInput, "there is no such store")
        case .notAStore:
            (
                .noInput,
                "this is no store of variants: an OCI image layout with a file 'oci-layout' is expected"
            )
        case .unknownLayout(let version):
            (
                .badData,
                "an OCI image layout of version \(version); this Espalier reads version 1, so use a newer one"
            )
        case .storeTooNew(let schema):
            (.badData, "a store of schema \(schema), made by a later Espalier; use that one")
        case .storeTooOld(let schema):
            (
                .badData,
                "a store of schema \(schema), which is not read any more; fill a new one with prune batch"
            )
        case .indexTooNew(let schema):
            (
                .badData,
                "an index of schemaVersion \(schema); this Espalier reads 2, so use a newer one"
            )
        case .damagedIndex:
            (
                .badData,
                "damaged: \(error.detail); put back a copy, or fill a new store with prune batch"
            )
        case .notAFile:
            (.badData, "a link, pipe or folder stands there in place of a part of the store")
        default: nil
        }
    }

    private static func ofWriting(_ error: VariantStoreError) -> Answer? {
        switch error.code {
        case .readOnly(let number):
            (.cannotCreate, "the store cannot be changed: \(reason(number))")
        case .noSpace(let number):
            (
                .inputOutput,
                "no room for what is to be written: \(reason(number)); nothing was changed"
            )
        case .noLocks(let number):
            (
                .unavailable,
                "the file system has no locks, so writers cannot wait for each other: "
                    + "\(reason(number)); put the store on another one"
            )
        case .noRename(let number):
            (
                .unavailable,
                "the file system cannot rename in place, so changes would not be whole: "
                    + "\(reason(number)); put the store on another one"
            )
        case .unwritable(let number):
            (.inputOutput, "writing broke off: \(reason(number)); nothing was changed")
        default: nil
        }
    }

    private static func ofContent(_ error: VariantStoreError) -> Answer {
        switch error.code {
        case .damagedBlob(let expected, let actual):
            (
                .badData,
                "the content is damaged: its digest is \(actual), not \(expected); remove what "
                    + "needs it and publish again, or merge from a store that has it whole"
            )
        case .missingBlob(let digest): (.badData, "the store lacks \(digest)")
        case .damagedArtifact: (.badData, "the OCI manifest is damaged: \(error.detail)")
        case .damagedMeasurement: (.badData, "the measurement is damaged: \(error.detail)")
        case .noSuchVariant(let near):
            (
                .noInput,
                "the store has no such variant"
                    + (near.isEmpty ? "" : "; it has \(near.joined(separator: ", "))")
            )
        case .noSuchVersion(let present):
            (.noInput, "no such version; there " + versions(present))
        case .noSuchTag(let present):
            (
                .noInput,
                "no such tag; "
                    + (present.isEmpty
                        ? "there is none" : "there is " + present.joined(separator: ", "))
            )
        case .noSuchDigest: (.noInput, "nothing in the store has that digest")
        case .ambiguous(let matches):
            (.usage, "that is the beginning of several: \(matches.joined(separator: ", "))")
        case .badName:
            (
                .usage,
                "no name that a store knows: model/profile, model/profile:v3, model/profile:tag, "
                    + "model:base-0123456789ab or sha256:0123456 are, of lower-case letters and digits "
                    + "joined by '.', '_', '+' or '-'"
            )
        case .notAVariant: (.usage, "this is a base, and a variant is needed")
        case .tagInUse(let tags):
            (
                .no,
                "not removed, as it is tagged \(tags.joined(separator: ", ")); move the tag, or "
                    + "remove it with --force"
            )
        case .wrongDigest(let expected, let actual):
            (
                .badData,
                "the file is not the one in the manifest: its digest is \(actual), not \(expected)"
            )
        case .cannotSign: (.internalError, "the key does not sign")
        default: (.internalError, "\(error.code)")
        }
    }

    private static func versions(_ present: [Int]) -> String {
        guard let first = present.first, let last = present.last else { return "are none" }
        if present.count == 1 { return "is v\(first)" }
        return "are v\(first) to v\(last)"
    }

    private static func reason(_ number: Int32) -> String { String(cString: strerror(number)) }
}
