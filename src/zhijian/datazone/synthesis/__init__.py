"""A synthetic province: entities, facts and the truth behind them, every row marked synthetic.

See `docs/explanation/synthetic-province.md` for the model, its parameters and what is assumed.
"""
