import Archive
import Synchronization
import Workers

/// Image files that can all be decoded.
///
/// Each is decoded once when it is opened, to know that it can be; decoded images stay in memory up to a limit,
/// and those beyond it are decoded again when they are asked for.
struct PictureFolder: Sendable {
    private struct Entry: Sendable {
        var file: PictureListing.File
        /// Nil where memory was not spent on it.
        var picture: Picture?
        var shape: [Int]
    }

    private let entries: [Entry]

    /// Bytes of decoded images that are kept.
    static let keptByteCount = 256 << 20
    /// Bytes that an image file may have.
    static let largestFile = 256 << 20

    var count: Int { entries.count }
    var firstShape: [Int] { entries.first?.shape ?? [] }

    var variesInSize: Bool { entries.contains { $0.shape.prefix(2) != firstShape.prefix(2) } }

    /// The class of each image; nil if they have none.
    var labels: [Int]? {
        let labels = entries.compactMap(\.file.label)
        return labels.count == entries.count ? labels : nil
    }

    /// Decodes all files on all processors.
    ///
    /// - Returns: the good ones, and those that cannot be decoded.
    /// - Throws: ``DatasetError`` with `damaged` for the first bad one, if that is asked for.
    static func open(
        _ files: [PictureListing.File], isStrict: Bool
    ) throws(DatasetError) -> (folder: PictureFolder, skipped: [SkippedSample]) {
        let kept = Atomic(0)
        let results = concurrentMap(files) { file -> Result<Entry, PictureProblem> in
            do throws(PictureProblem) {
                let picture = try decode(file.path)
                let total = kept.add(picture.bytes.count, ordering: .relaxed).newValue
                return .success(
                    Entry(
                        file: file, picture: total <= keptByteCount ? picture : nil,
                        shape: picture.shape))
            } catch { return .failure(error) }
        }
        var entries: [Entry] = []
        var skipped: [SkippedSample] = []
        for (file, result) in zip(files, results) {
            switch result {
            case .success(let entry): entries.append(entry)
            case .failure(let problem):
                if isStrict {
                    throw DatasetError(.damaged, file: file.path, problem.reason)
                }
                skipped.append(SkippedSample(path: file.path, reason: problem.reason))
            }
        }
        return (PictureFolder(entries: entries), skipped)
    }

    private static func decode(_ path: String) throws(PictureProblem) -> Picture {
        let mapping: MappedFile
        do throws(ArchiveError) {
            mapping = try MappedFile(mapping: path)
        } catch { throw PictureProblem(reason: error.reason) }
        defer { withExtendedLifetime(mapping) {} }
        guard mapping.bytes.count <= largestFile else {
            throw PictureProblem(reason: "the file is too large")
        }
        return try PictureDecoder.decode(mapping.bytes)
    }

    /// Decoded images.
    ///
    /// - Throws: ``DatasetError`` with `damaged` for a file that changed since it was opened.
    func images(at indices: [Int]) throws(DatasetError) -> [Picture] {
        let results = concurrentMap(indices) { index -> Result<Picture, DatasetError> in
            let entry = entries[index]
            if let picture = entry.picture { return .success(picture) }
            do throws(PictureProblem) {
                return .success(try Self.decode(entry.file.path))
            } catch {
                return .failure(DatasetError(.damaged, file: entry.file.path, error.reason))
            }
        }
        var pictures: [Picture] = []
        for result in results { pictures.append(try result.get()) }
        return pictures
    }
}
