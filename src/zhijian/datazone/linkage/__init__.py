"""Who is who: records without a credit code linked to the register of market entities.

`parsing` cuts names and addresses into what is compared, `comparing` says how far two records agree, `scoring` weighs it,
`blocking` finds the few entities worth comparing among millions, `linking` decides, `training` learns the weights
with Splink. See docs/explanation/linkage.md.
"""
