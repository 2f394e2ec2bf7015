import Archive
import Foundation

/// Finds out what data is, and opens it.
struct DatasetOpening {
    let path: String
    let options: DatasetOptions
    var description = DataDescription()

    init(path: String, options: DatasetOptions) {
        self.path = path
        self.options = options
    }

    private var split: DatasetSplit { options.split ?? description.split ?? .test }

    func failure(
        _ code: DatasetError.Code, place: String = "", _ reason: String
    ) -> DatasetError {
        DatasetError(code, file: path, place: place, reason)
    }

    mutating func open() throws(DatasetError) -> Dataset {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw failure(.notFound, "there is no such file or folder")
        }
        if let limit = options.limit, limit < 1 {
            throw failure(.option, "a limit must be at least 1")
        }
        if let file = descriptionPath(isFolder: isFolder.boolValue) {
            description = try DescriptionReader.read(path: file)
        }
        if isFolder.boolValue {
            if let images = IDXFile.imagesPath(inFolder: path, split: split) {
                return try openIDX(images)
            }
            return try openPictures()
        }
        return try openFile(MappedFile(data: path))
    }

    /// The description: the one that was named, or one beside the data.
    private func descriptionPath(isFolder: Bool) -> String? {
        if let named = options.descriptionPath { return named }
        let url = URL(filePath: path)
        let candidates =
            isFolder
            ? [url.appending(path: "dataset.yaml").path]
            : [path + ".yaml", url.deletingPathExtension().path + ".yaml"]
        return candidates.first { FileManager.default.fileExists(atPath: $0) }
    }

    // MARK: Files

    private func openFile(_ mapping: MappedFile) throws(DatasetError) -> Dataset {
        defer { withExtendedLifetime(mapping) {} }
        let start = mapping.bytes.prefix(8)
        guard !start.isEmpty else { throw failure(.empty, "the file is empty") }
        if start.starts(with: NumpyHeader.signature) {
            let array = try NumpyFile.array(mapping.bytes, owner: mapping, file: path)
            return try dataset(array, labels: labelsOfArray())
        }
        if start.starts(with: [0x50, 0x4B, 0x03, 0x04]) {
            return try openNamed(NumpyArchive(mapping, file: path))
        }
        if IDXFile.isGzip(start) || IDXFile.isIDX(start) { return try openIDX(path) }
        if PictureFormat(start) != nil { return try openPictures() }
        let name = path.lowercased()
        let isHDF5 = start.elementsEqual([0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A])
        guard isHDF5 || name.hasSuffix(".h5") || name.hasSuffix(".hdf5") else {
            throw failure(
                .unsupported,
                "this is no data that can be read: HDF5, .npz, .npy, IDX, or a folder of PNG and JPEG images"
            )
        }
        return try openNamed(HDF5Arrays(path))
    }

    private func openIDX(_ images: String) throws(DatasetError) -> Dataset {
        let array = try idx(images)
        var labels: (array: any SampleArray, file: String)?
        if let named = options.labels ?? description.labels {
            labels = try readLabelsFile(resolved(named))
        } else if let file = IDXFile.labelsPath(for: images) {
            labels = (try idx(file), file)
        }
        return try dataset(array, labels: labels.map { ($0.array, $0.file, "") })
    }

    private func idx(_ file: String) throws(DatasetError) -> MemoryArray {
        try IDXFile.array(try MappedFile(data: file), file: file)
    }

    /// A name in the description or an option, as a path: beside the data where it is relative and not found
    /// from here.
    private func resolved(_ name: String) -> String {
        if options.labels != nil || name.hasPrefix("/") { return name }
        return URL(filePath: path).deletingLastPathComponent().appending(path: name).path
    }

    private typealias FoundLabels = (array: any SampleArray, file: String, place: String)

    /// The labels of a `.npy`: a file that was named, or `y….npy` beside `x….npy`.
    private func labelsOfArray() throws(DatasetError) -> FoundLabels? {
        if let named = options.labels ?? description.labels {
            let labels = try readLabelsFile(resolved(named))
            return (labels.array, labels.file, "")
        }
        let url = URL(filePath: path)
        let name = url.lastPathComponent
        guard name.hasPrefix("x") else { return nil }
        let sibling = url.deletingLastPathComponent()
            .appending(path: "y" + name.dropFirst()).path
        guard FileManager.default.fileExists(atPath: sibling) else { return nil }
        let labels = try readLabelsFile(sibling)
        return (labels.array, labels.file, "")
    }

    /// A file that holds labels alone: `.npy` or IDX.
    private func readLabelsFile(
        _ file: String
    ) throws(DatasetError) -> (array: any SampleArray, file: String) {
        let mapping = try MappedFile(data: file)
        defer { withExtendedLifetime(mapping) {} }
        if mapping.bytes.starts(with: NumpyHeader.signature) {
            return (try NumpyFile.array(mapping.bytes, owner: mapping, file: file), file)
        }
        return (try IDXFile.array(mapping, file: file), file)
    }

    private func openNamed(_ arrays: some NamedArrays) throws(DatasetError) -> Dataset {
        let names = try arrays.names
        func find(
            _ wanted: String?, _ usual: [String], _ word: String
        ) throws(DatasetError) -> (String, any SampleArray)? {
            if let wanted {
                guard let array = try arrays.array(wanted) else {
                    throw failure(
                        .labels,
                        "there is no array '\(wanted)'; name the \(word) by --\(word): there are \(Self.list(names))"
                    )
                }
                return (wanted, array)
            }
            for name in usual where names.contains(name) {
                if let array = try arrays.array(name) { return (name, array) }
            }
            return nil
        }
        let suffixes = split == .validation ? ["validation", "val"] : [split.rawValue]
        let samples = try find(
            options.samplesName ?? description.samples, suffixes.map { "x_" + $0 } + ["x"],
            "samples")
        guard let (name, array) = samples else {
            throw failure(
                .unsupported,
                "there is no array 'x' or 'x_\(suffixes[0])'; name the samples by --samples: there are \(Self.list(names))"
            )
        }
        // Labels belong to the samples that were found.
        let usual = name.hasPrefix("x") ? ["y" + name.dropFirst()] : []
        if let file = options.labels ?? description.labels, !names.contains(file),
            FileManager.default.fileExists(atPath: resolved(file))
        {
            let labels = try readLabelsFile(resolved(file))
            return try dataset(array, place: name, labels: (labels.array, labels.file, ""))
        }
        let labels = try find(options.labels ?? description.labels, usual, "labels")
        return try dataset(array, place: name, labels: labels.map { ($0.1, path, $0.0) })
    }

    private static func list(_ names: [String]) -> String {
        if names.isEmpty { return "none" }
        let shown = names.prefix(8).map {
            String(String.UnicodeScalarView($0.unicodeScalars.prefix(40)))
        }
        return shown.joined(separator: ", ") + (names.count > 8 ? ", …" : "")
    }

    private func dataset(
        _ array: any SampleArray, place: String = "", labels found: FoundLabels?
    ) throws(DatasetError) -> Dataset {
        guard array.count > 0, array.sampleSize > 0 else {
            throw failure(
                .empty, place: place, "there are no samples: the shape is \(shapeText(array.shape))"
            )
        }
        var labels: [Int]?
        if let found {
            labels = try Labels.read(
                found.array, count: array.count, file: found.file, place: found.place)
            try checkNamed(labels ?? [], found)
        }
        let chosen = options.limit.flatMap { limit in
            limit < array.count
                ? SampleChoice.indices(count: limit, of: array.count, seed: options.seed) : nil
        }
        // Grey and colour images have two or three axes; a row of bytes may be anything.
        let isBytes = array.format.kind == .u1 && array.sampleShape.count >= 2
        return Dataset(
            file: path, source: .array(array),
            labels: labels.map { all in chosen.map { chosen in chosen.map { all[$0] } } ?? all },
            classNames: description.classes, skipped: [], totalCount: array.count,
            preprocessing: preprocessing(isBytes: isBytes), chosen: chosen)
    }

    private func checkNamed(_ labels: [Int], _ found: FoundLabels) throws(DatasetError) {
        guard let names = description.classes,
            let wrong = labels.firstIndex(where: { $0 >= names.count })
        else { return }
        throw DatasetError(
            .labels, file: found.file, place: found.place,
            "the label of sample \(wrong) is \(labels[wrong]), and the description names \(names.count) classes"
        )
    }

    /// What was said, and the default for bytes where nothing is.
    func preprocessing(isBytes: Bool) -> Preprocessing {
        var said = options.preprocessing.over(description.preprocessing)
        if isBytes, options.scalesBytes, !said.treatsNumbers { said.scale = 1.0 / 255 }
        return said
    }

    // MARK: Images

    private func openPictures() throws(DatasetError) -> Dataset {
        let listing = try PictureListing(
            path: path, split: split, classes: description.classes)
        let total = listing.files.count
        var files = listing.files
        if let limit = options.limit, limit < total {
            files = SampleChoice.indices(count: limit, of: total, seed: options.seed).map {
                files[$0]
            }
        }
        let (folder, skipped) = try PictureFolder.open(files, isStrict: options.isStrict)
        guard folder.count > 0 else {
            throw failure(
                .empty,
                "none of the \(files.count) images can be read; the first one: "
                    + (skipped.first?.reason ?? ""))
        }
        return Dataset(
            file: path, source: .pictures(folder), labels: folder.labels,
            classNames: listing.classNames ?? description.classes, skipped: skipped,
            totalCount: total, preprocessing: preprocessing(isBytes: true), chosen: nil)
    }
}
