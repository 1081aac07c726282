#!/usr/bin/env python3
"""Trains a model of irises and serves it: `serve.py mlserver|mlflow|kserve FOLDER HTTP_PORT [GRPC_PORT]`."""
import json, os, pathlib, sys

import joblib
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression

kind, folder, ports = sys.argv[1], pathlib.Path(sys.argv[2]), [int(port) for port in sys.argv[3:]]
rows, classes = load_iris(return_X_y=True, as_frame=kind == "mlflow")
model = LogisticRegression(max_iter=1000).fit(rows, classes)
folder.mkdir(parents=True, exist_ok=True)

if kind == "mlserver":
    # Without workers of its own there is one process to stop.
    settings = {"host": "127.0.0.1", "http_port": ports[0], "grpc_port": ports[1], "metrics_endpoint": None, "parallel_workers": 0}
    (folder / "settings.json").write_text(json.dumps(settings))
    about = {"name": "iris", "implementation": "mlserver_sklearn.SKLearnModel", "parameters": {"uri": "model.joblib", "version": "v7"}}
    (folder / "model-settings.json").write_text(json.dumps(about))
    joblib.dump(model, folder / "model.joblib")
    mlserver = pathlib.Path(sys.executable).with_name("mlserver")
    os.execv(mlserver, ["mlserver", "start", str(folder)])
elif kind == "kserve":
    import kserve

    class Irises(kserve.Model):
        """Answers in raw tensors where it is asked for them, as its protocol's extension says."""

        def predict(self, asked, headers=None):
            table, outputs = asked.inputs[0].as_numpy(), []
            for name, values, datatype in [("predict", model.predict(table), "INT64"), ("predict_proba", model.predict_proba(table), "FP64")]:
                outputs.append(kserve.InferOutput(name, list(values.shape), datatype))
                outputs[-1].set_data_from_numpy(values, binary_data=asked.use_binary_outputs)
            options = {"requested_outputs": asked.request_outputs, "use_binary_outputs": asked.use_binary_outputs}
            return kserve.InferResponse("", "iris", outputs, model_version="v7", **options)

    irises = Irises("iris")
    irises.ready = True
    kserve.ModelServer(http_port=ports[0], enable_grpc=False).start([irises])
else:
    import mlflow, uvicorn
    from mlflow.pyfunc import scoring_server

    mlflow.sklearn.save_model(model, folder / "model", signature=mlflow.models.infer_signature(rows))
    served = mlflow.pyfunc.load_model(str(folder / "model"))
    uvicorn.run(scoring_server.init(served), host="127.0.0.1", port=ports[0])
